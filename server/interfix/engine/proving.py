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
from interfix.engine.questions import ANSWER_TOKENS, HOLE_TOKENS, HOLES, QUESTION, Run, answered, judged
from interfix.engine.residents import Resident, Residents
from interfix.engine.tuning.record import Tunings
from interfix.errors import InterfixError
from interfix.masking import mask
from interfix.models.inspect import read_header
from interfix.models.proofs import Outcome, Proof
from interfix.models.roles import BaseModel, InstructModel, on_trial
from interfix.values import Finished, Message, Role, Sampling, Token


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
        request = InfillRequest(model, "probe", hole.segments(), prompt_budget=512, max_tokens=HOLE_TOKENS)
        yield _run(jobs.infill(resident, request))


def _answered(resident: Resident, model: InstructModel, runs: list[Run]) -> Outcome:
    """Whether it answers a question and then ends."""
    request = ChatRequest(model, (Message("user", mask(QUESTION)),), max_tokens=ANSWER_TOKENS, sampling=Sampling(temperature=0.0))
    try:
        run = _run(jobs.chat(resident, request))
    except InterfixError as error:
        return Outcome(False, str(error).rstrip("."))
    runs.append(run)
    return answered(run)


def _run(steps: Steps) -> Run:
    events = list(steps)
    text = "".join(event.text for event in events if isinstance(event, Token))
    return Run(text, next(event for event in reversed(events) if isinstance(event, Finished)))


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except InterfixError as error:
        sys.exit(str(error))
