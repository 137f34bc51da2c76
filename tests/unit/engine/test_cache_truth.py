"""What a slot believes its cache holds is what llama.cpp holds, whatever was typed, written, cut short or kept up before.

Real contexts of small models of random weights: positions and cells by llama.cpp's own account, and the logits of decoding it all.
About `engine/kv_slot.py`, `engine/inference_jobs.py` and `engine/scheduler.py` together.
"""

import ctypes
import struct
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, partial
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from interfix.engine import inference_jobs
from interfix.engine.free_cores import CpuMonitor
from interfix.engine.kv_slot import MAIN_SEQUENCE, MAX_DRIFT_TOKENS, PARKING_SEQUENCE, SPARE_SEQUENCE, KvSlot
from interfix.engine.llama_runtime import AbortFlag, DecodeAborted, LlamaContext, Weights
from interfix.engine.llamacpp.loaded_library import llama
from interfix.engine.protocol import ChatRequest, InfillRequest
from interfix.engine.scheduler import Job, JobPriority, Scheduler
from interfix.inference_types import ChatMessage, Sampling, Segment, SegmentKind
from interfix.models.memory_estimate import SEQUENCE_COUNT
from interfix.models.role_check import BaseModel, InstructModel
from tests.effort import scale_examples, take_share
from tests.unit.engine.architectures import KINDS, STATES, get_model_file, list_tried, load_model

pytestmark = pytest.mark.usefixtures("templates_rendered_here")

PREFIX, SUFFIX, MIDDLE = 257, 258, 259
TRIED = list_tried(["qwen2", *STATES, "gemma3"])
CELLS = 1024
WINDOW = 64
CLOSE_ENOUGH = 0.2
"""Batches of other sizes add up in another order; random weights give logits from -10 to 10."""

TEXT = st.lists(st.integers(97, 122), max_size=12)
CUT_SHORT = st.one_of(st.none(), st.tuples(st.sampled_from(("close", "abort")), st.integers(0, 4)))
ACTION = st.one_of(
    st.tuples(st.just("type"), TEXT, CUT_SHORT),
    st.tuples(st.just("delete"), st.integers(1, 90), CUT_SHORT),
    st.tuples(st.just("below"), st.tuples(st.integers(0, 60), st.integers(0, 60), TEXT), CUT_SHORT),
    st.tuples(st.just("elsewhere"), st.integers(0, 400), CUT_SHORT),
    st.tuples(st.just("chat"), st.integers(1, 300), CUT_SHORT),
    st.tuples(st.just("write"), TEXT, st.none()),
    st.tuples(st.just("open_gap"), st.none(), st.none()),
    st.tuples(st.just("refresh"), st.none(), CUT_SHORT),
    st.tuples(st.just("close document"), st.none(), st.none()),
)


class Account:
    """What llama.cpp says of a context."""

    def __init__(self, context: LlamaContext) -> None:
        self._pointer = context._context
        self._memory = context._memory

    def span(self, sequence: int) -> tuple[int, int]:
        """First and last position; -1 where there is none. A state has its last only."""
        first = llama.llama_memory_seq_pos_min(self._memory, sequence)
        return int(first), int(llama.llama_memory_seq_pos_max(self._memory, sequence))

    def count_cells(self, sequence: int, *, window: bool = False) -> int:
        """How many cells of attention a sequence has; with `window`, those that a sliding window still sees."""
        flags = llama.LLAMA_STATE_SEQ_FLAGS_PARTIAL_ONLY if window else 0
        size = llama.llama_state_seq_get_size_ext(self._pointer, sequence, flags)
        buffer = (ctypes.c_uint8 * size)()
        llama.llama_state_seq_get_data_ext(self._pointer, buffer, size, sequence, flags)
        _magic, _sequence, streams, count = struct.unpack_from("<IIII", bytes(buffer))
        assert streams == 1
        return int(count)


class CacheComparison:
    """A slot over a real context, and another context to decode everything anew in."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.abort = AbortFlag()
        self.weights = Weights(str(get_model_file(name)))
        self.context = self.weights.create_context(CELLS, SEQUENCE_COUNT, CpuMonitor(1), self.abort)
        self.whole = self.weights.create_context(CELLS, 1, CpuMonitor(1), AbortFlag())
        self.account = Account(self.context)
        self.slot = KvSlot(self.context)

    def close(self) -> None:
        """Free all of it."""
        self.context.close()
        self.whole.close()
        self.weights.close()

    def check(self) -> None:
        """The slot's belief against llama.cpp's account."""
        slot = self.slot
        kept = range(slot._suffix_position, slot._suffix_position + len(slot._suffix_tokens))
        positions = [*range(len(slot._run_tokens)), *kept]
        span = (positions[0], positions[-1]) if positions else (-1, -1)
        held = {PARKING_SEQUENCE: (-1, -1), SPARE_SEQUENCE: (-1, -1), MAIN_SEQUENCE: span}
        if self.name in STATES:
            read = slot._checkpoints._tokens
            held = {sequence: (len(tokens) - 1,) * 2 for sequence, tokens in ({MAIN_SEQUENCE: slot._run_tokens} | read).items()}
        for sequence, believed in held.items():
            first, last = self.account.span(sequence)
            assert last == believed[1], (sequence, first, last, believed)
            if self.name not in STATES:
                assert first == believed[0], (sequence, first, last, believed)
            if self.name != "mamba":
                cells = len(positions) if sequence == MAIN_SEQUENCE else believed[1] + 1
                assert self.account.count_cells(sequence) == cells
        if self.name == "gemma3" and positions:
            seen = sum(positions[-1] - position < WINDOW for position in positions)
            assert self.account.count_cells(MAIN_SEQUENCE, window=True) == seen

    def check_logits(self, prompt: list[int]) -> None:
        """The last token's logits against those of decoding the whole prompt."""
        self.whole.truncate(0, 0)
        for start in range(0, len(prompt), 256):
            self.whole.decode(prompt[start : start + 256], start, 0)
        assert np.abs(self.whole.read_logits() - self.context.read_logits()).max() < CLOSE_ENOUGH

    def carry_out(self, steps: Iterator[None], cut_short: tuple[str, int] | None) -> bool:
        """Take the steps, all or so many; whether they came to their end."""
        how, most = cut_short or ("", -1)
        for number, _ in enumerate(steps):
            if number + 1 == most and how == "close":
                break
            if number + 1 == most:
                self.abort.set()
        steps.close()  # type: ignore[attr-defined]
        return most < 0

    def run(self, steps: Iterator[None], cut_short: tuple[str, int] | None) -> bool:
        """`carry_out`; an abort is over afterwards."""
        try:
            if cut_short == ("abort", 0):
                self.abort.set()
            with suppress(DecodeAborted):
                return self.carry_out(steps, cut_short)
            return False
        finally:
            self.abort.clear()


@cache
def bench(name: str) -> CacheComparison:
    return CacheComparison(name)


@pytest.mark.parametrize("name", TRIED)
@given(actions=st.lists(ACTION, min_size=1, max_size=14))
@settings(max_examples=scale_examples(20), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_happens_the_slot_believes_what_is_so(name: str, actions: list[tuple[str, object, object]]) -> None:
    its = bench(name)
    slot = its.slot
    slot.clear()
    its.check()
    before = [97 + i % 26 for i in range(420)]
    after = [97 + (i * 7) % 26 for i in range(120)]
    for action, value, cut_short in [("type", [], None), *actions, ("type", [98], None)]:
        prompt: list[int] = []
        span = (0, 0)
        match action, value:
            case "type", list(text):
                before = before + text
            case "delete", int(count):
                before = before[:-count]
            case "below", (int(at), int(count), list(text)):
                after = after[:at] + text + after[at + count :]
            case "elsewhere", int(at):
                before = [*before[:at], 120, *before[at + 1 :]]
            case "chat", int(length):
                prompt = [(99 + i * length) % 256 for i in range(length)]
            case "write", list(text) if slot.count_cells():
                for token in text:
                    slot.append([token, 100])
                    slot.drop_last(0 if name in STATES else 1)
            case "open_gap", _:
                slot.open_gap()
            case "refresh", _:
                its.run(slot.refresh_suffix(), cut_short)  # type: ignore[arg-type]
            case "close document", _:
                slot.clear()
        if action in ("type", "delete", "below", "elsewhere"):
            before = before[-600:] or [97]
            after = after[:200]
            prompt = [PREFIX, *before, SUFFIX, *after, MIDDLE]
            span = (1 + len(before), len(prompt) - 1)
        if prompt:
            plan = slot.plan_fill(prompt, span)
            if its.run(slot.fill(plan, prompt, span), cut_short):  # type: ignore[arg-type]
                assert slot.count_cells() == len(prompt)
                assert slot.drift_tokens <= MAX_DRIFT_TOKENS
                if not slot._suffix_tokens:
                    its.check_logits(prompt)
        its.check()


class Midway:
    """An abort flag that is raised at one node of a decode's graph, after so many were computed."""

    def __init__(self, context: LlamaContext) -> None:
        self.nodes = -1
        self._pointer = context._context
        self._callback = llama.ggml_abort_callback(self._asked)
        llama.llama_set_abort_callback(self._pointer, self._callback, None)

    def _asked(self, _: object) -> bool:
        self.nodes -= 1
        return self.nodes == -1


@pytest.mark.parametrize(("name", "nodes", "steps"), take_share([*product(TRIED, [0, 1, 7, 19, 33, 60], [0, 2, 4])]))
def test_a_decode_that_is_stopped_half_way_leaves_nothing_half_read(name: str, nodes: int, steps: int) -> None:
    its = CacheComparison(name)
    text, after = [97 + i % 26 for i in range(420)], [97 + (i * 7) % 26 for i in range(120)]

    def shown(before: list[int]) -> tuple[list[int], tuple[int, int]]:
        prompt = [PREFIX, *before, SUFFIX, *after, MIDDLE]
        return prompt, (1 + len(before), len(prompt) - 1)

    prompt, span = shown(text)
    filling = its.slot.fill(its.slot.plan_fill(prompt, span), prompt, span)
    for _ in range(steps):
        next(filling)
    midway = Midway(its.context)
    midway.nodes = nodes
    with suppress(DecodeAborted):
        list(filling)
    midway.nodes = -1
    its.check()
    for typed in ([98], [98, 99]):
        prompt, span = shown(text + typed)
        list(its.slot.fill(its.slot.plan_fill(prompt, span), prompt, span))
        its.check()
        if not its.slot._suffix_tokens:
            its.check_logits(prompt)
    its.close()


JOB = st.one_of(
    st.tuples(
        st.sampled_from(("infill", "below", "open_gap", "warm", "refresh", "ahead", "warm ahead")), st.sampled_from("ab"), TEXT
    ),
    st.tuples(st.just("chat"), st.sampled_from("ab"), TEXT),
)
"""What is asked for, of which document, and what has been typed there since; `below` is an infill after an edit of the suffix,
`ahead` reads its prompt before anybody asks."""


class Office:
    """The models, slots and scheduler of an engine host, one step at a time."""

    def __init__(self, name: str, *, deaf: bool) -> None:
        """A `deaf` machine does not hear an abort, as a GPU does not."""
        abort = AbortFlag()
        self.resident = load_model(name, get_model_file(name), AbortFlag() if deaf else abort)
        # A keystroke's time is too short for anything, what is read ahead is read as a whole.
        self.resident.prefill_speed.estimate_tokens_within = lambda ms: 0 if ms < 10_000 else 10_000  # type: ignore[method-assign]
        self.scheduler = Scheduler(abort, on_close=self.resident.close)
        self.texts = {"a": LINES, "b": LINES[100:]}
        self.suffixes = dict.fromkeys("ab", LINES[:300])
        self.failures: list[BaseException] = []

    def submit(self, kind: str, document: str, text: str) -> None:
        self.texts[document] += text
        if kind == "below":
            self.suffixes[document] = self.suffixes[document][:100] + text + self.suffixes[document][100:]
        segments = (
            Segment(SegmentKind.PREFIX, self.texts[document], path="a.py"),
            Segment(SegmentKind.SUFFIX, self.suffixes[document]),
        )
        model = BaseModel(self.resident.name, self.resident.weights.path)
        within = 1 if len(text) % 2 else 0  # in so little time nothing is read: answered from a brief prompt, and warmed up later
        request = InfillRequest(model, f"file:///{document}", segments, 700, 6, max_prefill_ms=within, exact_suffix=False)
        if kind == "chat":
            steps = partial(inference_jobs.chat, self.resident, self._question(document))
            job = Job(steps, priority=JobPriority.CHAT, on_end=self._done)
        elif kind in ("infill", "below"):
            job = Job(
                partial(inference_jobs.infill, self.resident, request),
                priority=JobPriority.INFILL,
                key=document,
                on_end=self._done,
            )
        else:
            if kind in ("ahead", "warm ahead"):
                request = replace(request, max_tokens=0, is_ahead=True)
            work = {
                "ahead": inference_jobs.infill,
                "warm ahead": inference_jobs.decode_full_prompt,
                "open_gap": inference_jobs.open_gap,
                "warm": inference_jobs.decode_full_prompt,
                "refresh": inference_jobs.refresh_suffix,
            }[kind]
            job = Job(
                partial(work, self.resident, request), priority=JobPriority.UPKEEP, key=f"{kind} {document}", on_end=self._done
            )
        self.scheduler.submit(job)

    def advance(self, steps: int) -> None:
        """Run so many steps, or all there are."""
        for _ in range(steps):
            if not self.scheduler._list_jobs():
                return
            self.scheduler._advance()

    def check(self) -> None:
        """Every slot's belief, now that nothing runs."""
        assert not self.failures
        for slots in self.resident._slots.values():
            for slot in slots._by_age:
                account = Account(slot.context)
                kept = slot._suffix_tokens
                end = slot._suffix_position + len(kept) if kept else len(slot._run_tokens)
                assert account.span(MAIN_SEQUENCE)[1] == end - 1
                if slot.context.can_truncate:
                    assert account.count_cells(MAIN_SEQUENCE) == len(slot._run_tokens) + len(kept)
                    assert account.span(PARKING_SEQUENCE) == account.span(SPARE_SEQUENCE) == (-1, -1)

    def _question(self, document: str) -> ChatRequest:
        messages = (ChatMessage("user", self.texts[document][-300:]),)
        return ChatRequest(InstructModel(self.resident.name, self.resident.weights.path), messages, 8, Sampling(temperature=0.0))

    def _done(self, error: BaseException | None) -> None:
        if error is not None:
            self.failures.append(error)


LINES = "".join(f"value_{i} = {i}\n" for i in range(40))


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("deaf", [False, True], ids=["hears an abort", "does not"])
@given(work=st.lists(st.tuples(JOB, st.integers(0, 9)), min_size=1, max_size=12))
@example(
    # Upkeep that splices is taken back between two of its steps, by an infill of the same slot.
    work=[
        (("infill", "a", [120]), 99),
        (("warm", "a", []), 99),
        (("below", "a", [120]), 99),
        (("warm", "a", []), 1),
        (("infill", "a", [121, 122]), 99),
    ]
)
@settings(max_examples=scale_examples(12), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_is_asked_and_taken_back_the_slots_believe_what_is_so(
    name: str, work: list[tuple[tuple[str, str, list[int]], int]], *, deaf: bool
) -> None:
    its = Office(name, deaf=deaf)
    for (kind, document, text), steps in work:
        its.submit(kind, document, bytes(text).decode())
        its.advance(steps)
    its.advance(10_000)
    its.check()
    its.resident.close()
