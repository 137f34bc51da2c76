"""Finds the fastest setup of a model on this machine that leaves what it says alone. Runs nothing itself: trials are handed in.

Coordinate by coordinate, the ones that matter most first: how the weights are stored, then flash attention and the KV cache's type,
threads, micro-batches, repacked weights, the GPU. A trial that dies or takes too long is a setup that does not work.
"""

import time
from collections.abc import Callable, Iterator

import msgspec
from msgspec.structs import replace

from interfix.engine.runtime_config import RuntimeConfig
from interfix.engine.tuning.trial_main import CACHED_TOKENS, TrialFigures
from interfix.models.store import QUANTISATIONS

MIN_AGREEMENT = 0.97
"""Weights stored anew must want the same next token at this share of the places of a passage of code."""
COLD_SHARE = 0.1
"""Share of the suggestions that start with a cold prompt: a jump, another file."""
COLD_TOKENS = 1000
"""Length of such a prompt."""
MIN_REQUANTISED_GAIN = 1.15
"""Weights stored anew take room on the disk: they must make a suggestion so many times as fast to be worth it."""
PROMPT_BUDGETS = (512, 768, 1024)
"""Prompt lengths to choose from, tokens: longer ones completed no more holes (26 of 73 with 1,536, 28 with 1,024)."""
MAX_COLD_MS = 4000
"""The first suggestion in a file may take so long, ms."""
TIMED_OUT_NOTE = "too little time was left"


class TrialResult(msgspec.Struct, frozen=True):
    """One setup and what came of it."""

    name: str
    """What is special about it."""
    setup: RuntimeConfig
    """The setup."""
    figures: TrialFigures | None
    """None where it does not work here."""
    agreement: float = 1.0
    """Share of the places at which it wants the token that the published weights want."""

    @property
    def cost(self) -> float:
        """Mean time of a suggestion of one line, cold ones counted by their share, ms; infinite where it does not work."""
        if self.figures is None or self.agreement < MIN_AGREEMENT:
            return float("inf")
        cold = COLD_TOKENS / self.figures.prompt_tokens_s * 1000
        line = self.figures.compute_line_ms()
        return (1 - COLD_SHARE) * line + COLD_SHARE * (cold + line)


class TuningResult(msgspec.Struct, frozen=True):
    """The outcome."""

    tried: tuple[TrialResult, ...]
    """Every setup in the order of the trials; the first is llama.cpp's own with the published file."""
    best: TrialResult
    """The fastest that says the same."""
    prompt_tokens: int
    """The longest prompt that meets the target, tokens."""
    line_ms: float
    """A ten-token line with such a prompt in the cache, ms."""
    note: str = ""
    """What was left untried, and why."""

    @property
    def gain(self) -> float:
        """How many times faster than llama.cpp's own setup a cold prompt is."""
        first, best = self.tried[0].figures, self.best.figures
        return best.prompt_tokens_s / first.prompt_tokens_s if first and best else 1.0


RunTrial = Callable[[RuntimeConfig, int, bool], TrialFigures | None]
"""Runs a trial: a setup, the tokens in the cache before the keystroke, whether to tell what was said."""
RequantiseModel = Callable[[str], str | None]
"""Makes the file of a quantisation; its path, or None where there is no room for it."""


class SearchLimits(msgspec.Struct, frozen=True):
    """The machine that is searched for, and what the search may take."""

    cores: int
    """Physical cores."""
    gpu: bool
    """Whether there is a GPU."""
    target_ms: float
    """What a keystroke may take to the end of a ten-token line, ms."""
    deadline: float
    """When nothing new is tried any more, by the search's clock."""


def search(
    run_trial: RunTrial,
    requantise: RequantiseModel,
    limits: SearchLimits,
    *,
    on_result: Callable[[TrialResult], None] = lambda _: None,
    clock: Callable[[], float] = time.monotonic,
) -> TuningResult | None:
    """Try setups until nothing is left to try or the time is up; None where the published file does not run.

    `on_result` hears of every trial.
    """
    published = RuntimeConfig(flash_attention=True, threads=limits.cores)
    first = _try_config("as published", published, run_trial, None, predict=True)
    tried = [
        first,
        _try_config("no flash attention", replace(published, flash_attention=None), run_trial, first.figures, predict=True),
    ]
    if not any(each.figures for each in tried):
        tried.append(_try_config("weights not repacked", replace(published, extra_buffers=False), run_trial, None, predict=True))
    reference = next((each.figures for each in tried if each.figures), None)
    if reference is None:
        return None
    for each in tried:
        on_result(each)
    best = min(tried, key=lambda each: each.cost)
    note = ""
    for name, change in _list_changes(requantise, limits.cores, gpu=limits.gpu):
        if clock() >= limits.deadline:
            note = f"{TIMED_OUT_NOTE} for {name} and what comes after it"
            break
        setup = change(best.setup)
        if setup is None or setup == best.setup:
            continue
        if _computes_alike(setup, best.setup):
            other = replace(_try_config(name, setup, run_trial, None, predict=False), agreement=best.agreement)
        else:
            other = _try_config(name, setup, run_trial, reference, predict=True)
        costs_disk = setup.quantisation != best.setup.quantisation and not best.setup.quantisation
        if other.cost * (MIN_REQUANTISED_GAIN if costs_disk else 1.0) < best.cost:
            best = other
        tried.append(other)
        on_result(other)
    prompt_tokens, line_ms = _choose_prompt_budget(best, run_trial, limits.target_ms)
    return TuningResult(tuple(tried), best, prompt_tokens, line_ms, note)


def _try_config(
    name: str, config: RuntimeConfig, run_trial: RunTrial, reference: TrialFigures | None, *, predict: bool
) -> TrialResult:
    """A trial, judged against the reference if there is one."""
    figures = run_trial(config, CACHED_TOKENS, predict)
    if figures is None or reference is None:
        return TrialResult(name, config, figures)
    same = sum(one == other for one, other in zip(figures.said, reference.said, strict=True))
    return TrialResult(name, config, figures, same / len(reference.said))


def _computes_alike(one: RuntimeConfig, other: RuntimeConfig) -> bool:
    """Whether two setups differ only in what changes no result, such as the number of threads."""
    return all(getattr(one, name) == getattr(other, name) for name in ("weights", "flash_attention", "kv_type"))


ConfigChange = Callable[[RuntimeConfig], RuntimeConfig | None]


def _list_changes(requantise: RequantiseModel, cores: int, *, gpu: bool) -> Iterator[tuple[str, ConfigChange]]:
    """What is tried on top of the best so far; None where a change makes no sense there."""
    for quantisation in QUANTISATIONS:
        yield f"weights as {quantisation}", _change_quantisation(requantise, quantisation)
    yield "flash attention the other way", lambda best: replace(best, flash_attention=not best.flash_attention)
    yield "KV cache as q8_0", lambda best: replace(best, kv_type="q8_0") if best.flash_attention else None
    for threads in sorted({max(1, cores // 2), max(1, cores - 1)}, reverse=True):
        yield f"{threads} threads", _change_threads(threads)
    for size in (128, 64):
        yield f"micro-batches of {size}", _change_micro_batch(size)
    yield "weights not repacked", lambda best: replace(best, extra_buffers=False)
    if gpu:
        yield "all on the CPU", lambda best: replace(best, gpu_layers=0)


def _change_quantisation(requantise: RequantiseModel, quantisation: str) -> ConfigChange:
    def change(best: RuntimeConfig) -> RuntimeConfig | None:
        path = requantise(quantisation)
        return replace(best, weights=path, quantisation=quantisation) if path else None

    return change


def _change_threads(count: int) -> ConfigChange:
    return lambda best: replace(best, threads=count)


def _change_micro_batch(size: int) -> ConfigChange:
    return lambda best: replace(best, micro_batch=size)


def _choose_prompt_budget(best: TrialResult, run_trial: RunTrial, target_ms: float) -> tuple[int, float]:
    """The longest prompt with which a keystroke meets the target and a cold start its own, and what a line takes then."""
    assert best.figures is not None
    prompt_tokens, line_ms = PROMPT_BUDGETS[0], best.figures.compute_line_ms()
    for tokens in PROMPT_BUDGETS:
        figures = run_trial(best.setup, tokens, False)
        if figures is None or figures.compute_line_ms() > target_ms or tokens / figures.prompt_tokens_s * 1000 > MAX_COLD_MS:
            break
        prompt_tokens, line_ms = tokens, figures.compute_line_ms()
    return prompt_tokens, line_ms
