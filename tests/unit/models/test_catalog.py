"""The catalog is data that holds together."""

import re

import pytest

from interfix.errors import BadUsage
from interfix.models import catalog
from interfix.values import Role


def test_every_model_has_a_file_of_its_own_and_a_role() -> None:
    entries = catalog.entries()
    assert len({entry.file for entry in entries}) == len(entries)
    assert all(entry.roles and entry.file.endswith(".gguf") and entry.hub.count("/") == 1 for entry in entries)


def test_pieces_make_up_the_whole_and_can_be_verified() -> None:
    cut = [(entry, entry.pieces) for entry in catalog.entries() if entry.pieces is not None]
    assert cut
    for entry, pieces in cut:
        assert re.fullmatch("[0-9a-f]{64}", entry.sha256)
        assert pieces.bytes * (pieces.count - 1) < entry.bytes <= pieces.bytes * pieces.count


def test_unknown_name_brings_the_nearest() -> None:
    with pytest.raises(BadUsage, match=r"no model called qwen-coder-1\.5-instruct\. The nearest is qwen2\.5-coder-1\.5b-instruct;"):
        catalog.entry("qwen-coder-1.5-instruct")


def test_variants_of_a_size_know_each_other() -> None:
    base, instruct = catalog.entry("qwen2.5-coder-0.5b"), catalog.entry("Qwen2.5-Coder-0.5B-Instruct")
    assert base.variant(Role.INSTRUCT) == instruct
    assert instruct.variant(Role.BASE) == base
