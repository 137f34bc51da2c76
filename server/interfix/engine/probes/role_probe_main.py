"""A process that proves a model's roles by running it, and may die of it: prints a `ProbeResult` as JSON."""

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from interfix.config.settings import EngineSettings
from interfix.engine import inference_jobs, llama_build, llama_runtime
from interfix.engine.decode_loop import Steps
from interfix.engine.model_pool import LoadedModel, ModelPool
from interfix.engine.probes.repack_crash_check import RepackCheck
from interfix.engine.probes.role_probe_cases import ANSWER_TOKENS, HOLE_TOKENS, HOLES, QUESTION, ProbeRun, judge_chat, judge_infill
from interfix.engine.protocol import ChatRequest, InfillRequest
from interfix.engine.tuning.tuning_store import TuningStore
from interfix.errors import InterfixError
from interfix.inference_types import ChatMessage, GeneratedToken, GenerationEnd, Role, Sampling
from interfix.masking import mask
from interfix.models.model_header import read_header
from interfix.models.role_check import BaseModel, InstructModel, make_probe_models
from interfix.models.role_probe_store import ProbeResult, RoleOutcome
from interfix.system.parent_watch import exit_with_parent


def main(path: str) -> None:
    """Run the model at `path` in both roles and print what that has shown."""
    file = Path(path)
    base, instruct = make_probe_models(file.stem, file)
    build = llama_build.identify_build()
    residents = ModelPool(EngineSettings(context_tokens=1024), RepackCheck(build), TuningStore(build), llama_runtime.AbortFlag())
    with residents.acquire(file.stem, path, Role.BASE) as resident:
        runs = list(_probe_infill(resident, base)) if base else []
    infill = judge_infill(runs) if base else None
    with residents.acquire(file.stem, path, Role.INSTRUCT) as resident:
        chat = _probe_chat(resident, instruct, runs) if read_header(file).template else None
    written = [run.finished for run in runs if run.finished.tokens > 1]
    seconds = sum(finished.decode_ms for finished in written) / 1000
    speed = sum(finished.tokens for finished in written) / seconds if seconds else 0.0
    sys.stdout.buffer.write(msgspec.json.encode(ProbeResult(infill=infill, chat=chat, tokens_per_second=speed)))
    residents.close()


def _probe_infill(loaded_model: LoadedModel, model: BaseModel) -> Iterator[ProbeRun]:
    for hole in HOLES:
        request = InfillRequest(model, "", hole.make_segments(), prompt_budget=512, max_tokens=HOLE_TOKENS)
        yield _collect_run(inference_jobs.infill(loaded_model, request))


def _probe_chat(loaded_model: LoadedModel, model: InstructModel, runs: list[ProbeRun]) -> RoleOutcome:
    """Whether it answers a question and then ends."""
    request = ChatRequest(
        model, (ChatMessage("user", mask(QUESTION)),), max_tokens=ANSWER_TOKENS, sampling=Sampling(temperature=0.0)
    )
    try:
        run = _collect_run(inference_jobs.chat(loaded_model, request))
    except InterfixError as error:
        return RoleOutcome(False, str(error).rstrip("."))
    runs.append(run)
    return judge_chat(run)


def _collect_run(steps: Steps) -> ProbeRun:
    events = list(steps)
    text = "".join(event.text for event in events if isinstance(event, GeneratedToken))
    return ProbeRun(text, next(event for event in reversed(events) if isinstance(event, GenerationEnd)))


if __name__ == "__main__":
    exit_with_parent()
    try:
        main(*sys.argv[1:])
    except InterfixError as error:
        sys.exit(str(error))
