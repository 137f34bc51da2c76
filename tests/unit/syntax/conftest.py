"""A snapshot with a cursor in it, and how hard the property tests try."""

import os
from collections.abc import Callable

import pytest
from hypothesis import settings

from interfix.syntax.document import Document, Snapshot
from tests.effort import scale_examples

settings.register_profile("quick", max_examples=scale_examples(60), deadline=None)
settings.register_profile("heavy", max_examples=5000, deadline=None)
settings.load_profile(os.environ.get("TEST_PROFILE", "quick"))

MarkedParser = Callable[..., tuple[Snapshot, int]]


@pytest.fixture
def parse_marked() -> MarkedParser:
    """`marked("text with a ‸ cursor", "language id")` gives the snapshot and the cursor's byte offset."""

    def build(text: str, language: str = "python") -> tuple[Snapshot, int]:
        before, after = text.split("‸")
        return Document("untitled:it", before + after, 0, language).snapshot(), len(before.encode())

    return build
