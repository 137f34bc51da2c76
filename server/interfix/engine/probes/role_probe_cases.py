"""The questions that test a model's roles, and how its answers are judged."""

from collections.abc import Sequence

import msgspec

from interfix.inference_types import GenerationEnd, Segment, SegmentKind
from interfix.masking import mask
from interfix.models.role_probe_store import RoleOutcome


class ProbeHole(msgspec.Struct, frozen=True):
    """A hole with one obvious answer."""

    prefix: str
    """The text left of it."""
    suffix: str
    """The text right of it."""
    answer: str
    """What belongs there."""

    def make_segments(self) -> tuple[Segment, Segment]:
        """As an engine is shown it."""
        return Segment(SegmentKind.PREFIX, mask(self.prefix)), Segment(SegmentKind.SUFFIX, mask(self.suffix))


HOLES = (
    ProbeHole("def add(a, b):\n    return", "\n\n\ndef subtract(a, b):\n    return a - b\n", "a + b"),
    ProbeHole("import json\n\n\ndef read(path):\n    with open(path) as file:\n        return json.", "(file)\n", "load"),
    ProbeHole(
        "def highest(values):\n    best = values[0]\n    for value in values:\n        if value >",
        ":\n            best = value\n",
        "best",
    ),
    ProbeHole(
        "def total(numbers):\n    result = 0\n    for number in numbers:\n        result +=", "\n    return result\n", "number"
    ),
    ProbeHole(
        "def total(numbers):\n    result = 0\n    for number in", ":\n        result += number\n    return result\n", "numbers"
    ),
    ProbeHole("def is_even(number):\n    return number %", " == 0\n", "2"),
    ProbeHole('def greet(name):\n    print(f"Hello, {', '}!")\n\n\ngreet("world")\n', "name"),
)
"""Any model that was trained on code and on holes fills most of them."""
MIN_FILLED_HOLES = 4
"""So many it must fill."""
HOLE_TOKENS = 24
"""Room for the longest answer and to see whether the model ends there."""
QUESTION = "What does a for loop do in Python? Answer in one sentence."
ANSWER_TOKENS = 256
"""A model that has not ended after so many does not end by itself."""


class ProbeRun(msgspec.Struct, frozen=True):
    """What came of a stream."""

    text: str
    """All of it."""
    finished: GenerationEnd
    """How it ended."""


def judge_infill(runs: Sequence[ProbeRun]) -> RoleOutcome:
    """Whether enough holes were filled. To run on into what follows one is forgiven: that is where completions are cut."""
    wrote = [run.text.partition(hole.suffix.strip().splitlines()[0])[0] for hole, run in zip(HOLES, runs, strict=True)]
    filled = [text.strip() == hole.answer for hole, text in zip(HOLES, wrote, strict=True)]
    ended = sum(right and run.finished.reason == "end" for right, run in zip(filled, runs, strict=True))
    says = f"it filled {sum(filled)} of {len(HOLES)} holes, and ended there by itself in {ended} of them"
    if sum(filled) >= MIN_FILLED_HOLES:
        return RoleOutcome(True, says)
    missed = filled.index(False)
    return RoleOutcome(False, f"{says}; where {HOLES[missed].answer!r} belongs it wrote {_shorten(runs[missed].text)!r}")


def judge_chat(run: ProbeRun) -> RoleOutcome:
    """Whether a question was answered, and the answer came to its end."""
    if run.finished.reason != "end":
        return RoleOutcome(False, f"it had not ended its answer after {ANSWER_TOKENS} tokens")
    if not run.text.strip():
        return RoleOutcome(False, "it ended without an answer")
    return RoleOutcome(True, f"it answered in {run.finished.tokens} tokens and ended by itself")


def _shorten(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + " …"
