"""Small models of random weights, one an architecture, go through the real runtime: loaded, infilled, asked, cancelled.

About `engine/llama_runtime.py`, `engine/kv_slot.py` and `engine/scheduler.py` together, with llama.cpp itself.
"""

import re
import threading
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

import msgspec
import pytest

from interfix.config.settings import CompletionSettings
from interfix.engine import brief_prompt_choice, decode_loop, inference_jobs
from interfix.engine.free_cores import CpuMonitor
from interfix.engine.kv_slot import STEP_TOKENS, SUFFIX_HEAD_TOKENS
from interfix.engine.llama_runtime import AbortFlag
from interfix.engine.llamacpp.loaded_library import llama
from interfix.engine.model_pool import LoadedModel
from interfix.engine.prefill_speed import PrefillSpeed
from interfix.engine.protocol import ChatRequest, InfillRequest, KvReuse
from interfix.engine.scheduler import Job, JobPriority, Scheduler
from interfix.engine.state_checkpoints import MAX_FAR_DISTANCE_TOKENS, NEAR_DISTANCE_TOKENS
from interfix.errors import RoleMismatchError, UsageError
from interfix.guided_decoding_names import KnownType, NameGuide
from interfix.inference_types import (
    ChatMessage,
    ContextSnippet,
    GeneratedToken,
    GenerationEnd,
    GenerationEvent,
    GenerationStart,
    Sampling,
    Segment,
    SegmentKind,
    StartToken,
)
from interfix.models.memory_estimate import SEQUENCE_COUNT
from interfix.models.model_header import read_header
from interfix.models.role_check import BaseModel, InstructModel
from interfix.prompt.families.family import CHATML_TEMPLATE
from interfix.prompt.token_healing import MAX_HEALED_TOKENS
from tests.gguf_fixtures import write_model
from tests.unit.engine.architectures import (
    CHAT,
    CODEGEMMA,
    CODELLAMA,
    CODESTRAL,
    MODELS,
    QWEN,
    STARCODER2,
    STATES,
    list_tried,
    load_model,
)

pytestmark = pytest.mark.usefixtures("templates_rendered_here")

CODE = "def add(a, b):\n    return "


@pytest.fixture(params=list_tried(MODELS))
def loaded_model(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[LoadedModel, AbortFlag]]:
    abort = AbortFlag()
    resident = load_model(request.param, MODELS[request.param](tmp_path / f"{request.param}.gguf"), abort)
    yield resident, abort
    resident.close()


def infill_request(resident: LoadedModel, tokens: int = 12, suffix: str = "\nprint(add(1, 2))\n") -> InfillRequest:
    segments = (
        Segment(SegmentKind.REPOSITORY, "shop", rank=2),
        Segment(SegmentKind.FILE, "x = 1\n", path="x.py", rank=3),
        Segment(SegmentKind.PREFIX, CODE, path="a.py"),
        Segment(SegmentKind.SUFFIX, suffix),
    )
    model = BaseModel(resident.name, resident.weights.path)
    return InfillRequest(model, "file:///a.py", segments, 512, tokens, Sampling(temperature=0.8))


def chat_request(resident: LoadedModel, *, tokens: int = 12, forced: bool = False) -> ChatRequest:
    model = InstructModel(resident.name, resident.weights.path, forced)
    messages = (ChatMessage("system", "Be brief."), ChatMessage("user", "What is this?", (ContextSnippet("file", "x = 1"),)))
    return ChatRequest(model, messages, tokens, Sampling(temperature=1.5))


def list_events(steps: Iterable[GenerationEvent | None]) -> list[GenerationEvent]:
    """What the reader of a stream gets: a step without an event is a pause, such as while a template is rendered."""
    return [event for event in steps if event is not None]


def test_a_prompt_is_told_word_for_word_and_nothing_is_decoded(loaded_model: tuple[LoadedModel, AbortFlag]) -> None:
    resident, _ = loaded_model
    asked = chat_request(resident)
    started, finished = list_events(inference_jobs.chat(resident, msgspec.structs.replace(asked, dry_run=True)))
    assert isinstance(started, GenerationStart)
    assert finished == GenerationEnd("end", 0, 0.0, 0.0)
    assert "x = 1" in started.prompt
    assert [(part.kind, part.source) for part in started.parts][-2:] == [("context", "file"), ("turn", "user")]
    assert sum(part.tokens for part in started.parts) < started.prompt_tokens <= started.budget
    first = list_events(inference_jobs.chat(resident, asked))[0]
    assert isinstance(first, GenerationStart)
    assert (first.prompt_tokens, first.reused_tokens) == (started.prompt_tokens, 0)


def test_a_hole_is_filled_and_filled_again_from_the_cache(loaded_model: tuple[LoadedModel, AbortFlag]) -> None:
    resident, _ = loaded_model
    first, again = (list(inference_jobs.infill(resident, infill_request(resident))) for _ in range(2))
    for events in (first, again):
        assert isinstance(events[0], GenerationStart)
        assert isinstance(events[-1], GenerationEnd)
        assert events[-1].tokens <= 12
    assert isinstance(first[0], GenerationStart)
    assert isinstance(again[0], GenerationStart)
    assert first[0].reused_tokens == 0
    assert again[0].reused_tokens > again[0].prompt_tokens / 2


def test_another_start_is_written_from_the_same_prompt(loaded_model: tuple[LoadedModel, AbortFlag]) -> None:
    resident, _ = loaded_model
    starts = []
    for rank in (0, 1, 2, 3):
        request = msgspec.structs.replace(infill_request(resident, 1), sampling=Sampling(), start_rank=rank)
        started, *tokens, _ = inference_jobs.infill(resident, request)
        starts.append([event.logprob for event in tokens if isinstance(event, GeneratedToken)])
        assert isinstance(started, GenerationStart)
        assert not rank or started.reused_tokens > started.prompt_tokens / 2
    own, *others = starts
    assert all(len(start) == 1 for start in others)
    assert others == sorted(others, reverse=True)
    assert not own or own[0] == pytest.approx(others[0][0], abs=1e-3)


def test_an_answer_begins_with_what_it_is_given_and_goes_on_as_the_model_would(
    loaded_model: tuple[LoadedModel, AbortFlag],
) -> None:
    resident, _ = loaded_model
    asked = msgspec.structs.replace(infill_request(resident, 8), sampling=Sampling(temperature=0.0), tell_runners_up=True)
    own = [event for event in inference_jobs.infill(resident, asked) if isinstance(event, GeneratedToken)]
    assert all(token.token >= 0 for token in own)
    assert all(token.runner_up != token.token for token in own)
    assert not any(token.runner_up >= 0 and token.runner_up_logprob > token.logprob + 1e-3 for token in own)
    for count in range(1, len(own)):
        lead = [StartToken(token, 0.0) for token in own[0].lead]
        start = (*lead, *(StartToken(token.token, token.logprob) for token in own[:count]))
        told = inference_jobs.infill(resident, msgspec.structs.replace(asked, start=start))
        again = [event for event in told if isinstance(event, GeneratedToken)]
        assert [token.logprob for token in again] == pytest.approx([token.logprob for token in own], abs=1e-2)
        assert "".join(token.text for token in again) == "".join(token.text for token in own)


LONG = "".join(f"value_{i} = {i}\n" for i in range(40))


def infill_typed(resident: LoadedModel, text: str, document: str = "file:///a.py", **options: object) -> InfillRequest:
    """The hole after so much text, greedily filled, with more code around it than a brief prompt holds."""
    segments = (Segment(SegmentKind.PREFIX, LONG + text, path="a.py"), Segment(SegmentKind.SUFFIX, "\n" + LONG[:120]))
    return InfillRequest(BaseModel(resident.name, resident.weights.path), document, segments, 900, 8, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("loaded_model", ["qwen2", "starcoder2"], indirect=True)
def test_a_close_call_is_decided_as_if_all_had_been_decoded(
    loaded_model: tuple[LoadedModel, AbortFlag], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode_loop, "CLOSE_CALL_MARGIN", 99.0)  # random weights: any call
    monkeypatch.setattr(decode_loop, "SAFE_LOGPROB", 0.0)
    resident, _ = loaded_model
    list(inference_jobs.infill(resident, infill_typed(resident, "x")))
    spliced, whole = (
        list(inference_jobs.infill(resident, infill_typed(resident, "x = y", reuse=reuse)))
        for reuse in (KvReuse.SPLICE, KvReuse.NONE)
    )
    assert isinstance(spliced[0], GenerationStart)
    assert spliced[0].reused_tokens > 0.9 * spliced[0].prompt_tokens
    assert [event.text for event in spliced if isinstance(event, GeneratedToken)] == [
        event.text for event in whole if isinstance(event, GeneratedToken)
    ]


@pytest.mark.parametrize("loaded_model", ["qwen2"], indirect=True)
def test_a_suggestion_that_nobody_asked_for_does_not_wait_for_a_cold_prompt(loaded_model: tuple[LoadedModel, AbortFlag]) -> None:
    resident, _ = loaded_model
    hasty = [infill_typed(resident, text, max_prefill_ms=1) for text in ("x", "x ", "x =")]
    first = next(filter(None, inference_jobs.infill(resident, hasty[0])))
    assert resident.prefill_speed.is_known, "its first tokens have shown it"
    list(inference_jobs.infill(resident, hasty[0]))
    assert isinstance(first, GenerationStart)
    assert first.prompt_tokens <= first.budget == brief_prompt_choice.BRIEF_PROMPT_TOKENS
    again = next(inference_jobs.infill(resident, hasty[1]))
    assert isinstance(again, GenerationStart)
    assert again.budget == brief_prompt_choice.BRIEF_PROMPT_TOKENS
    assert again.reused_tokens > again.prompt_tokens - 40
    list(inference_jobs.decode_full_prompt(resident, hasty[1]))
    resident.prefill_speed.record(1_000_000, 1)
    warm = next(inference_jobs.infill(resident, hasty[2]))
    assert isinstance(warm, GenerationStart)
    assert warm.budget == 900
    assert warm.reused_tokens > warm.prompt_tokens - 40
    assert list(inference_jobs.decode_full_prompt(resident, hasty[2])) == []


@pytest.mark.parametrize("loaded_model", ["qwen2"], indirect=True)
def test_a_prompt_that_was_read_ahead_is_there_for_who_asks(loaded_model: tuple[LoadedModel, AbortFlag]) -> None:
    resident, _ = loaded_model
    resident.prefill_speed.estimate_tokens_within = lambda ms: int(0.186 * ms)  # type: ignore[method-assign]
    asked = infill_typed(resident, "x", "file:///ahead.py", max_prefill_ms=500)
    ahead = msgspec.structs.replace(asked, max_tokens=0, is_ahead=True)
    events = [event for event in inference_jobs.infill(resident, ahead) if event is not None]
    assert [type(event) for event in events] == [GenerationStart, GenerationEnd]
    assert resident.weights.vocabulary.is_indexed, "the first answer within a word would wait for it"
    brief = next(inference_jobs.infill(resident, asked))
    assert isinstance(brief, GenerationStart)
    assert (brief.budget, brief.is_brief) == (brief_prompt_choice.BRIEF_PROMPT_TOKENS, True)
    assert brief.reused_tokens == brief.prompt_tokens - 1
    list(inference_jobs.decode_full_prompt(resident, ahead))
    whole = next(inference_jobs.infill(resident, asked))
    assert isinstance(whole, GenerationStart)
    assert (whole.budget, whole.is_brief) == (900, False)
    assert whole.reused_tokens > whole.prompt_tokens - 40


@pytest.mark.parametrize("loaded_model", ["qwen2"], indirect=True)
def test_a_whole_prompt_that_takes_too_long_is_not_read_ahead(loaded_model: tuple[LoadedModel, AbortFlag]) -> None:
    resident, _ = loaded_model
    resident.prefill_speed.estimate_tokens_within = lambda ms: int(0.038 * ms)  # type: ignore[method-assign]
    ahead = infill_typed(resident, "x", "file:///slow.py", max_prefill_ms=500, is_ahead=True)
    list(inference_jobs.infill(resident, ahead))
    assert list(inference_jobs.decode_full_prompt(resident, ahead)) == []
    brief = next(inference_jobs.infill(resident, msgspec.structs.replace(ahead, is_ahead=False)))
    assert isinstance(brief, GenerationStart)
    assert (brief.budget, brief.reused_tokens) == (brief_prompt_choice.MIN_BRIEF_PROMPT_TOKENS, brief.prompt_tokens - 1)


@pytest.mark.parametrize("loaded_model", ["qwen2"], indirect=True)
@pytest.mark.parametrize(
    ("tokens_per_second", "unasked", "asked"),
    [
        (38.0, brief_prompt_choice.MIN_BRIEF_PROMPT_TOKENS, brief_prompt_choice.MIN_BRIEF_PROMPT_TOKENS),  # AVX2, 1.5B as published
        (98.0, 245, 245),  # AVX-512
        (186.0, brief_prompt_choice.BRIEF_PROMPT_TOKENS, 465),  # AMX
        (1000.0, 500, 900),
    ],
)
def test_a_cold_prompt_is_as_long_as_what_is_read_in_time(
    loaded_model: tuple[LoadedModel, AbortFlag], tokens_per_second: float, unasked: int, asked: int
) -> None:
    resident, _ = loaded_model
    completion = CompletionSettings()
    for name, is_asked, ms, budget in (("u", False, completion.latency_ms, unasked), ("a", True, completion.asked_ms, asked)):
        resident.prefill_speed = PrefillSpeed(tokens_per_second)
        request = infill_typed(resident, "x", f"file:///{name}{tokens_per_second}.py", max_prefill_ms=ms, is_asked=is_asked)
        started = next(inference_jobs.infill(resident, request))
        assert isinstance(started, GenerationStart)
        assert started.budget == budget


@pytest.mark.parametrize("loaded_model", ["qwen2"], indirect=True)
def test_a_suggestion_that_somebody_asked_for_is_made_from_all_there_is(loaded_model: tuple[LoadedModel, AbortFlag]) -> None:
    resident, _ = loaded_model
    started = next(inference_jobs.infill(resident, infill_typed(resident, "x")))
    assert isinstance(started, GenerationStart)
    assert started.budget == 900


@pytest.mark.parametrize("loaded_model", ["codestral"], indirect=True)
def test_a_suffix_first_model_decodes_only_what_is_typed(loaded_model: tuple[LoadedModel, AbortFlag]) -> None:
    resident, _ = loaded_model
    list(inference_jobs.infill(resident, infill_request(resident, 1)))
    longer = infill_request(resident, 1)
    typed = (*longer.segments[:2], Segment(SegmentKind.PREFIX, CODE + "a + ", path="a.py"), longer.segments[3])
    started = next(inference_jobs.infill(resident, InfillRequest(longer.model, longer.document, typed, 512, 1)))
    assert isinstance(started, GenerationStart)
    assert started.prompt_tokens - started.reused_tokens <= 8


@pytest.mark.parametrize("forced", [False, True], ids=["asked", "shown examples"])
def test_a_question_is_answered_and_ends(loaded_model: tuple[LoadedModel, AbortFlag], *, forced: bool) -> None:
    resident, _ = loaded_model
    events = list_events(inference_jobs.chat(resident, chat_request(resident, forced=forced)))
    assert isinstance(events[0], GenerationStart)
    assert isinstance(events[-1], GenerationEnd)
    assert events[-1].reason in ("end", "length", "loop")


@pytest.mark.parametrize("kind", ["infill", "chat"])
def test_a_cancelled_request_stops_and_the_next_is_served(loaded_model: tuple[LoadedModel, AbortFlag], kind: str) -> None:
    resident, abort = loaded_model

    def steps(tokens: int) -> Iterator[GenerationEvent | None]:
        if kind == "infill":
            return inference_jobs.infill(resident, infill_request(resident, tokens, "\nx = 1" * 30))
        return inference_jobs.chat(resident, chat_request(resident, tokens=tokens))

    scheduler = Scheduler(abort, on_close=lambda: None)
    seen: list[GenerationEvent] = []
    begun, over, served = threading.Event(), threading.Event(), threading.Event()
    ended: list[BaseException | None] = []

    def cancel_at_once(event: GenerationEvent) -> None:
        seen.append(event)
        if not begun.is_set():
            begun.set()
            scheduler.cancel(long)

    long = Job(
        lambda: steps(500),
        priority=JobPriority.CHAT,
        on_event=cancel_at_once,
        on_end=lambda error: (ended.append(error), over.set()),
    )
    scheduler.start()
    scheduler.submit(long)
    assert over.wait(60)
    short = Job(
        lambda: steps(3), priority=JobPriority.CHAT, on_event=seen.append, on_end=lambda error: (ended.append(error), served.set())
    )
    scheduler.submit(short)
    assert served.wait(60)
    scheduler.close()
    assert ended == [None, None]
    assert [type(event) for event in seen if not isinstance(event, GeneratedToken)] == [
        GenerationStart,
        GenerationStart,
        GenerationEnd,
    ]


def write_single_token_model(
    token: str, folder: Path, controls: tuple[str, ...], name: str = "", template: str = ""
) -> LoadedModel:
    """A model that says nothing but this token."""
    path = write_model(folder / "says.gguf", "starcoder2", controls=controls, name=name, template=template, only_token=token)
    return load_model("says", path)


@pytest.mark.parametrize(
    ("controls", "token", "name"),
    [
        (CODEGEMMA, "<|file_separator|>", ""),
        (CODELLAMA, "▁<EOT>", ""),
        (STARCODER2, "<file_sep>", ""),
        (("<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<filename>"), "<filename>", "Granite 3b Code Base"),
        (("<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<filename>"), "<filename>", "Mellum 4b Base"),
        (CODESTRAL, "[SUFFIX]", "Codestral 22B"),
        (QWEN, "<|file_sep|>", ""),
    ],
)
def test_a_model_that_begins_another_file_has_filled_the_hole(
    controls: tuple[str, ...], token: str, name: str, tmp_path: Path
) -> None:
    resident = write_single_token_model(token, tmp_path, controls, name)
    last = list(inference_jobs.infill(resident, infill_request(resident)))[-1]
    assert isinstance(last, GenerationEnd)
    assert (last.reason, last.tokens) == ("end", 0)
    resident.close()


@pytest.mark.parametrize("token", ["<|im_end|>", "<|im_start|>"])
def test_a_model_that_ends_its_turn_has_answered(token: str, tmp_path: Path) -> None:
    resident = write_single_token_model(token, tmp_path, CHAT, template=CHATML_TEMPLATE)
    last = list(inference_jobs.chat(resident, chat_request(resident)))[-1]
    assert isinstance(last, GenerationEnd)
    assert (last.reason, last.tokens) == ("end", 0)
    resident.close()


@pytest.mark.parametrize("forced", [False, True])
def test_a_model_that_goes_round_in_circles_is_stopped(tmp_path: Path, *, forced: bool) -> None:
    resident = write_single_token_model("ab", tmp_path, CHAT, template=CHATML_TEMPLATE)
    last = list(inference_jobs.chat(resident, chat_request(resident, tokens=400, forced=forced)))[-1]
    assert isinstance(last, GenerationEnd)
    assert last.reason == "loop"
    assert last.tokens <= 110
    resident.close()


def test_a_general_model_is_refused_for_a_hole_whatever_its_vocabulary_holds(tmp_path: Path) -> None:
    path = write_model(tmp_path / "general.gguf", "qwen2", controls=QWEN, name="Qwen2.5 7B Instruct", template=CHATML_TEMPLATE)
    resident = load_model("qwen2.5-7b", path)
    with pytest.raises(RoleMismatchError, match=r"qwen2\.5-7b cannot complete inside a file\. It is a general Qwen model"):
        list(inference_jobs.infill(resident, infill_request(resident)))
    resident.close()


def test_a_model_that_nobody_knows_and_that_brings_no_template_is_refused_a_question(tmp_path: Path) -> None:
    path = write_model(tmp_path / "plain.gguf", "llama", controls=("<s>",))
    resident = load_model("plain", path)
    with pytest.raises(RoleMismatchError, match="plain has no chat template"):
        list(inference_jobs.chat(resident, chat_request(resident)))
    with pytest.raises(RoleMismatchError, match="no fill-in-the-middle tokens"):
        list(inference_jobs.infill(resident, infill_request(resident)))
    resident.close()


@pytest.mark.parametrize(("trained", "tokens"), [(600, 600), (2048, 1024), (0, 1024)])
def test_a_context_is_never_longer_than_the_model_was_trained_on(tmp_path: Path, trained: int, tokens: int) -> None:
    path = write_model(tmp_path / "short.gguf", "qwen2", controls=QWEN, template=CHATML_TEMPLATE, trained_tokens=trained)
    resident = load_model("short", path)
    assert resident.open_chat_slots().tokens == resident.open_infill_slots(512).tokens == tokens
    started = next(inference_jobs.infill(resident, infill_typed(resident, "x")))
    assert isinstance(started, GenerationStart)
    assert started.budget == min(900, tokens - 8)
    resident.close()


def test_what_does_not_fit_a_short_model_is_told_its_size(tmp_path: Path) -> None:
    resident = load_model(
        "short", write_model(tmp_path / "short.gguf", "qwen2", controls=QWEN, template=CHATML_TEMPLATE, trained_tokens=600)
    )
    asked = msgspec.structs.replace(chat_request(resident), messages=(ChatMessage("user", LONG * 2),))
    with pytest.raises(UsageError, match=r"choose a model with a larger context: short was trained on 600 tokens\.$"):
        list(inference_jobs.chat(resident, asked))
    resident.close()


TYPED = ("r", "re", "ret", "retu", "retur", "return", "return a", "return", "return ab(", "r", "return ab(x)\n", "", "def f():\n  ")
"""What stands at the cursor from one keystroke to the next: typed, deleted, pasted."""


def keystroke(resident: LoadedModel, text: str, **options: object) -> tuple[GenerationStart, list[str]]:
    """What was said of the prompt, and the tokens that were written."""
    events = list(inference_jobs.infill(resident, infill_typed(resident, text, **options)))
    assert isinstance(events[0], GenerationStart)
    return events[0], [event.text for event in events if isinstance(event, GeneratedToken)]


@pytest.mark.parametrize("loaded_model", list_tried(STATES), indirect=True)
def test_a_keystroke_of_a_model_with_a_state_is_what_full_decoding_makes_of_it(loaded_model: tuple[LoadedModel, AbortFlag]) -> None:
    resident, _ = loaded_model
    suffix = len("\n" + LONG[:120])
    keystroke(resident, "")
    for before, text in pairwise(("", *TYPED)):
        started, written = keystroke(resident, text)
        _, whole = keystroke(resident, text, document="file:///full.py", reuse=KvReuse.NONE)
        assert written == whole
        decoded = started.prompt_tokens - started.reused_tokens
        if text.startswith(before):
            typed = len(text) - len(before) + MAX_HEALED_TOKENS  # the prompt before has left out the end of its word
            assert decoded <= NEAR_DISTANCE_TOKENS + typed + 1 + suffix + 1  # with the suffix's marker and the middle's
        else:
            assert decoded <= MAX_FAR_DISTANCE_TOKENS + STEP_TOKENS + 1 + suffix + 1


@pytest.mark.parametrize("loaded_model", list_tried(STATES), indirect=True)
def test_an_answer_of_a_model_with_a_state_reads_what_is_new_of_a_chat(loaded_model: tuple[LoadedModel, AbortFlag]) -> None:
    resident, _ = loaded_model
    asked = chat_request(resident)
    said = list_events(inference_jobs.chat(resident, asked))[0]
    longer = (*asked.messages, ChatMessage("assistant", "It is x."), ChatMessage("user", "Why?"))
    again = list_events(inference_jobs.chat(resident, msgspec.structs.replace(asked, messages=longer)))[0]
    assert isinstance(said, GenerationStart)
    assert isinstance(again, GenerationStart)
    # What a prompt ends with, the beginning of an answer, is short of its checkpoint.
    assert said.prompt_tokens - again.reused_tokens <= NEAR_DISTANCE_TOKENS


@pytest.mark.parametrize("loaded_model", ["gemma3"], indirect=True)
def test_a_keystroke_of_a_model_with_a_window_is_spliced_and_decided_as_if_all_had_been_decoded(
    loaded_model: tuple[LoadedModel, AbortFlag], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decode_loop, "CLOSE_CALL_MARGIN", 99.0)  # random weights: any call
    monkeypatch.setattr(decode_loop, "SAFE_LOGPROB", 0.0)
    resident, _ = loaded_model
    keystroke(resident, "")
    for text in TYPED:
        started, written = keystroke(resident, text)
        _, whole = keystroke(resident, text, document="file:///full.py", reuse=KvReuse.NONE)
        assert written == whole
        assert started.prompt_tokens - started.reused_tokens <= SUFFIX_HEAD_TOKENS + len(text) + 2


def test_a_model_with_a_state_says_that_a_keystroke_decodes_the_suffix_again(tmp_path: Path) -> None:
    resident = load_model("mamba", MODELS["mamba"](tmp_path / "mamba.gguf"))
    keystroke(resident, "")
    assert any("decodes the text after the cursor again" in note for note in resident.list_notes())
    resident.close()


@pytest.mark.parametrize("name", list_tried(STATES))
def test_a_states_size_is_what_llama_cpp_keeps(name: str, tmp_path: Path) -> None:
    path = MODELS[name](tmp_path / "model.gguf")
    resident = load_model(name, path)
    context = resident.weights.create_context(512, SEQUENCE_COUNT, CpuMonitor(1), AbortFlag())
    tokens = [*range(40, 60)]
    context.decode(tokens, 0, 0)
    kept = llama.llama_state_seq_get_size(context._context, 0)
    shape = read_header(path).attention
    cells = shape.kv_bytes * len(tokens)
    assert shape.state_bytes > 0
    # Beside the numbers it tells a few bytes of each cell and each layer.
    assert 0 <= kept - cells - shape.state_bytes <= 16 * len(tokens) + 512
    context.close()
    resident.close()


@pytest.mark.parametrize("seed", range(4))
def test_a_guide_holds_in_every_vocabulary_with_a_spliced_cache_and_changes_nothing_else(
    loaded_model: tuple[LoadedModel, AbortFlag], seed: int
) -> None:
    resident, _ = loaded_model
    names = ("zebra", "quagga_count", "_okapi", "größe")
    known = NameGuide(line="    return account.", cursor_type="T", types={"T": KnownType(names)})
    asked = msgspec.structs.replace(infill_request(resident), seed=seed)
    free = join_text(inference_jobs.infill(resident, asked))
    unknown = msgspec.structs.replace(asked, guide=NameGuide(line="    return ", types=known.types))
    assert join_text(inference_jobs.infill(resident, unknown)) == free
    for before in ("account.", "other + account."):
        segments = (*asked.segments[:2], Segment(SegmentKind.PREFIX, CODE + before, path="a.py"), asked.segments[3])
        guided = msgspec.structs.replace(asked, segments=segments, guide=known)
        written = join_text(inference_jobs.infill(resident, guided))
        name = re.match(r"[\w]*", written)
        assert name
        assert any(each.startswith(name[0]) for each in names), written
        if name.end() < len(written) and name[0]:
            assert name[0] in names, written


def join_text(steps: decode_loop.Steps) -> str:
    return "".join(event.text for event in steps if isinstance(event, GeneratedToken))
