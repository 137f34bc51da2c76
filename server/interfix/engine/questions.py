"""What a model is asked to prove its roles, and how its answers are judged. Knows no engine and runs nothing."""

from collections.abc import Sequence

import msgspec

from interfix.masking import mask
from interfix.models.proofs import Outcome
from interfix.values import Finished, Segment, SegmentKind


class Hole(msgspec.Struct, frozen=True):
    """A hole with one obvious answer."""

    before: str
    """The text left of it."""
    after: str
    """The text right of it."""
    answer: str
    """What belongs there."""

    def segments(self) -> tuple[Segment, Segment]:
        """As an engine is shown it."""
        return Segment(SegmentKind.PREFIX, mask(self.before)), Segment(SegmentKind.SUFFIX, mask(self.after))


HOLES = (
    Hole("def add(a, b):\n    return", "\n\n\ndef subtract(a, b):\n    return a - b\n", "a + b"),
    Hole("import json\n\n\ndef read(path):\n    with open(path) as file:\n        return json.", "(file)\n", "load"),
    Hole(
        "def highest(values):\n    best = values[0]\n    for value in values:\n        if value >",
        ":\n            best = value\n",
        "best",
    ),
    Hole("def total(numbers):\n    result = 0\n    for number in numbers:\n        result +=", "\n    return result\n", "number"),
    Hole("def total(numbers):\n    result = 0\n    for number in", ":\n        result += number\n    return result\n", "numbers"),
    Hole("def is_even(number):\n    return number %", " == 0\n", "2"),
    Hole('def greet(name):\n    print(f"Hello, {', '}!")\n\n\ngreet("world")\n', "name"),
)
"""Any model that was trained on code and on holes fills most of them."""
ENOUGH = 4
"""So many it must fill."""
HOLE_TOKENS = 24
"""Room for the longest answer and to see whether the model ends there."""
QUESTION = "What does a for loop do in Python? Answer in one sentence."
ANSWER_TOKENS = 256
"""A model that has not ended after so many does not end by itself."""


class Run(msgspec.Struct, frozen=True):
    """What came of a stream."""

    text: str
    """All of it."""
    finished: Finished
    """How it ended."""


def judged(runs: Sequence[Run]) -> Outcome:
    """Whether enough holes were filled. To run on into what follows one is forgiven: that is where completions are cut."""
    wrote = [run.text.partition(hole.after.strip().splitlines()[0])[0] for hole, run in zip(HOLES, runs, strict=True)]
    filled = [text.strip() == hole.answer for hole, text in zip(HOLES, wrote, strict=True)]
    ended = sum(right and run.finished.reason == "end" for right, run in zip(filled, runs, strict=True))
    says = f"it filled {sum(filled)} of {len(HOLES)} holes, and ended there by itself in {ended} of them"
    if sum(filled) >= ENOUGH:
        return Outcome(True, says)
    missed = filled.index(False)
    return Outcome(False, f"{says}; where {HOLES[missed].answer!r} belongs it wrote {_short(runs[missed].text)!r}")


def answered(run: Run) -> Outcome:
    """Whether a question was answered, and the answer came to its end."""
    if run.finished.reason != "end":
        return Outcome(False, f"it had not ended its answer after {ANSWER_TOKENS} tokens")
    if not run.text.strip():
        return Outcome(False, "it ended without an answer")
    return Outcome(True, f"it answered in {run.finished.tokens} tokens and ended by itself")


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + " …"
