"""A process that proves a model's roles by running it, and may die of it: prints a `Proof` as JSON. Knows no other process."""

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from interfix.config.settings import EngineSettings
from interfix.engine import jobs, library, runtime
from interfix.engine.generation import Steps
from interfix.engine.native import Native
from interfix.engine.protocol import ChatRequest, InfillRequest
from interfix.engine.residents import Resident, Residents
from interfix.engine.tuning.record import Tunings
from interfix.errors import InterfixError
from interfix.models.inspect import read_header
from interfix.models.proofs import Outcome, Proof
from interfix.models.roles import BaseModel, InstructModel, on_trial
from interfix.values import Finished, Message, Role, Sampling, Segment, SegmentKind, Token


class Hole(msgspec.Struct, frozen=True):
    """A hole with one obvious answer."""

    before: str
    """The text left of it."""
    after: str
    """The text right of it."""
    answer: str
    """What belongs there."""


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


def main(path: str) -> None:
    """Run the model at `path` in both roles and print what that has shown."""
    file = Path(path)
    base, instruct = on_trial(file.stem, file)
    build = library.build()
    residents = Residents(EngineSettings(context_tokens=1024), Native(build), Tunings(build), runtime.Abort())
    with residents.lend(file.stem, path, Role.BASE) as resident:
        runs = list(_fill(resident, base)) if base else []
    infill = judged(runs) if base else None
    with residents.lend(file.stem, path, Role.INSTRUCT) as resident:
        chat = _answered(resident, instruct, runs) if read_header(file).template else None
    written = [run.finished for run in runs if run.finished.tokens > 1]
    seconds = sum(finished.decode_ms for finished in written) / 1000
    speed = sum(finished.tokens for finished in written) / seconds if seconds else 0.0
    sys.stdout.buffer.write(msgspec.json.encode(Proof(infill=infill, chat=chat, tokens_per_second=speed)))
    residents.close()


def _fill(resident: Resident, model: BaseModel) -> Iterator[Run]:
    for hole in HOLES:
        segments = (Segment(SegmentKind.PREFIX, hole.before), Segment(SegmentKind.SUFFIX, hole.after))
        yield _run(jobs.infill(resident, InfillRequest(model, "probe", segments, prompt_budget=512, max_tokens=HOLE_TOKENS)))


def judged(runs: list[Run]) -> Outcome:
    """Whether enough holes were filled. To run on into what follows one is forgiven: that is where completions are cut."""
    wrote = [run.text.partition(hole.after.strip().splitlines()[0])[0] for hole, run in zip(HOLES, runs, strict=True)]
    filled = [text.strip() == hole.answer for hole, text in zip(HOLES, wrote, strict=True)]
    ended = sum(right and run.finished.reason == "end" for right, run in zip(filled, runs, strict=True))
    says = f"it filled {sum(filled)} of {len(HOLES)} holes, and ended there by itself in {ended} of them"
    if sum(filled) >= ENOUGH:
        return Outcome(True, says)
    missed = filled.index(False)
    return Outcome(False, f"{says}; where {HOLES[missed].answer!r} belongs it wrote {_short(runs[missed].text)!r}")


def _answered(resident: Resident, model: InstructModel, runs: list[Run]) -> Outcome:
    """Whether it answers a question and then ends."""
    request = ChatRequest(model, (Message("user", QUESTION),), max_tokens=ANSWER_TOKENS, sampling=Sampling(temperature=0.0))
    try:
        run = _run(jobs.chat(resident, request))
    except InterfixError as error:
        return Outcome(False, str(error).rstrip("."))
    runs.append(run)
    if run.finished.reason != "end":
        return Outcome(False, f"it had not ended its answer after {ANSWER_TOKENS} tokens")
    if not run.text.strip():
        return Outcome(False, "it ended without an answer")
    return Outcome(True, f"it answered in {run.finished.tokens} tokens and ended by itself")


def _run(steps: Steps) -> Run:
    events = list(steps)
    text = "".join(event.text for event in events if isinstance(event, Token))
    return Run(text, next(event for event in reversed(events) if isinstance(event, Finished)))


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + " …"


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except InterfixError as error:
        sys.exit(str(error))
