"""A machine of a given speed on which a prompt is read by a simulated clock, and somebody who opens a file there and types."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import pytest

from interfix.config.settings import CompletionSettings, EngineSettings
from interfix.engine import inference_jobs, kv_slot
from interfix.engine.free_cores import CpuMonitor
from interfix.engine.llama_runtime import AbortFlag, DecodeAborted, Weights
from interfix.engine.model_pool import DecodeControl, LoadedModel
from interfix.engine.prefill_speed import PrefillSpeed
from interfix.engine.protocol import InfillRequest
from interfix.inference_types import GenerationStart, Segment, SegmentKind
from interfix.models.role_check import BaseModel
from tests.unit.engine.architectures import MODELS
from tests.unit.engine.fake_kv_cache import FakeKvCache

LINE_TOKENS = 10
"""Tokens of a suggestion."""
READ_AHEAD_SECONDS = 0.3
"""From where the cursor rests to the request that reads ahead."""
CODE = "".join(f"value_{i:03} = compute({i:03})\n" for i in range(200))
SETTINGS = CompletionSettings()


class MachineSpeed(NamedTuple):
    """How fast a processor is with the 1.5B, as published."""

    name: str
    prompt_tokens_s: float
    tokens_s: float


class Wait(NamedTuple):
    """What somebody has waited for."""

    seconds: float
    """Until the suggestion was there."""
    prompt_tokens: int
    """Length of the prompt that it was made from."""
    budget: int
    """Most it might have had."""


class TimedKvCache(FakeKvCache):
    """A cache whose decodes take their time by the simulated clock, and end when somebody wants something else."""

    def __init__(self, machine: "SimulatedMachine") -> None:
        super().__init__(4096)
        self._machine = machine

    def decode(self, tokens: Sequence[int], position: int, sequence: int, **options: Any) -> None:
        self._machine.compute(len(tokens))
        super().decode(tokens, position, sequence, **options)

    def read_logits(self, _index: int = -1) -> npt.NDArray[np.float32]:
        """Always the same letter."""
        logits = np.zeros(self._machine.model.weights.vocabulary.size, np.float32)
        logits[ord("a")] = 20.0
        return logits

    def close(self) -> None:
        pass


class SimulatedMachine:
    """An engine host on it, as far as one document's completions go."""

    def __init__(self, speed: MachineSpeed, path: Path, patch: pytest.MonkeyPatch, *, is_measured: bool = True) -> None:
        self.now = 0.0
        self.extra_file = ""
        """Code of another file that is worth no wait."""
        self._speed = speed
        self._until = float("inf")
        weights = Weights(str(MODELS["qwen2"](path)))
        weights.trained_tokens = 4096
        patch.setattr(weights, "create_context", lambda *_: TimedKvCache(self))
        patch.setattr(kv_slot, "time", SimpleNamespace(perf_counter=lambda: self.now))
        control = DecodeControl(CpuMonitor(1), AbortFlag())
        self.model = LoadedModel("tiny", str(path), weights, 1024, EngineSettings(), control)
        self.model.prefill_speed = PrefillSpeed(speed.prompt_tokens_s if is_measured else 0.0)

    def compute(self, tokens: int) -> None:
        """A decode of so many tokens; it is ended, its work lost, when its time comes."""
        took = max(1 / self._speed.tokens_s, tokens / self._speed.prompt_tokens_s)
        if self.now + took > self._until:
            self.now = self._until
            raise DecodeAborted
        self.now += took

    def read_ahead(self, line: int, until: float) -> None:
        """The cursor rests at a line until then."""
        self.now += READ_AHEAD_SECONDS
        request = msgspec.structs.replace(self._make_request(line, is_asked=False), max_tokens=0, is_ahead=True)
        for steps in (inference_jobs.infill, inference_jobs.decode_full_prompt):
            self._run(steps(self.model, request), until)
        self.now = until

    def complete(self, line: int, *, is_asked: bool) -> Wait:
        """Somebody types, or asks, there; what is not read yet is read afterwards, until something else is wanted."""
        began, started = self.now, None
        for event in inference_jobs.infill(self.model, self._make_request(line, is_asked=is_asked)):
            started = event if isinstance(event, GenerationStart) else started
        assert started is not None
        return Wait(self.now - began, started.prompt_tokens, started.budget)

    def rest(self, line: int, seconds: float) -> None:
        """Nobody asks for anything for so long, after a completion at a line."""
        until = self.now + seconds
        self._run(inference_jobs.decode_full_prompt(self.model, self._make_request(line, is_asked=False)), until)
        self.now = until

    def _run(self, steps: Iterator[Any], until: float) -> None:
        self._until = until
        try:
            for _ in steps:
                pass
        except DecodeAborted:
            pass
        finally:
            self._until = float("inf")

    def _make_request(self, line: int, *, is_asked: bool) -> InfillRequest:
        lines = CODE.splitlines(keepends=True)
        extra = (Segment(SegmentKind.FILE, self.extra_file, 5, path="b.py", is_worth_no_wait=True),) if self.extra_file else ()
        segments = (
            *extra,
            Segment(SegmentKind.PREFIX, "".join(lines[:line]), path="a.py"),
            Segment(SegmentKind.SUFFIX, "".join(lines[line:])),
        )
        within = SETTINGS.asked_ms if is_asked else SETTINGS.latency_ms
        return InfillRequest(
            BaseModel("tiny", self.model.path),
            "file:///a.py",
            segments,
            1024,
            LINE_TOKENS,
            max_prefill_ms=within,
            is_asked=is_asked,
        )
