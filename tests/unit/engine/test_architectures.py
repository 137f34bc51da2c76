"""Small models of random weights, one an architecture, go through the real runtime: loaded, infilled, asked, cancelled."""

import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import msgspec
import pytest

from interfix.config.settings import EngineSettings
from interfix.engine import generation, jobs
from interfix.engine.cores import Cores
from interfix.engine.protocol import ChatRequest, InfillRequest, Reuse
from interfix.engine.residents import Resident
from interfix.engine.runtime import Abort, Weights
from interfix.engine.scheduler import Job, Rank, Scheduler
from interfix.errors import BadUsage, RoleRefused
from interfix.models.roles import BaseModel, InstructModel
from interfix.prompt.families.family import CHATML
from interfix.values import Finished, Message, Piece, Sampling, Segment, SegmentKind, Started, StreamEvent, Token
from written import write_model

CHAT = ("<|im_start|>", "<|im_end|>")
QWEN = (*CHAT, "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>")
STARCODER2 = ("<|endoftext|>", "<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<repo_name>", "<file_sep>")
CODEGEMMA = ("<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>")
CODEGEMMA += ("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|file_separator|>")
CODELLAMA = ("<s>", "</s>", "▁<PRE>", "▁<SUF>", "▁<MID>", "▁<EOT>")
CODESTRAL = ("<s>", "</s>", "[INST]", "[/INST]", "[PREFIX]", "[MIDDLE]", "[SUFFIX]")

MODELS = {
    "llama": partial(write_model, architecture="llama", controls=CODELLAMA, sentencepiece=True, bos="<s>", eos="</s>"),
    "codestral": partial(
        write_model,
        architecture="llama",
        controls=CODESTRAL,
        sentencepiece=True,
        bos="<s>",
        eos="</s>",
        name="Codestral 22B",
    ),
    "qwen2": partial(write_model, architecture="qwen2", controls=QWEN, template=CHATML),
    "qwen3": partial(write_model, architecture="qwen3", controls=QWEN, template=CHATML),
    "starcoder2": partial(write_model, architecture="starcoder2", controls=STARCODER2, eos="<|endoftext|>"),
    "gemma": partial(write_model, architecture="gemma", controls=CODEGEMMA, bos="<bos>", eos="<eos>"),
}
CODE = "def add(a, b):\n    return "


def loaded(name: str, path: Path, abort: Abort | None = None) -> Resident:
    settings = EngineSettings(context_tokens=1024)
    return Resident(name, str(path), Weights(str(path)), 512, settings, Cores(1), abort or Abort())


@pytest.fixture(params=MODELS)
def lent(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Resident, Abort]]:
    abort = Abort()
    resident = loaded(request.param, MODELS[request.param](tmp_path / f"{request.param}.gguf"), abort)
    yield resident, abort
    resident.close()


def hole(resident: Resident, tokens: int = 12, suffix: str = "\nprint(add(1, 2))\n") -> InfillRequest:
    segments = (
        Segment(SegmentKind.REPOSITORY, "shop", rank=2),
        Segment(SegmentKind.FILE, "x = 1\n", path="x.py", rank=3),
        Segment(SegmentKind.PREFIX, CODE, path="a.py"),
        Segment(SegmentKind.SUFFIX, suffix),
    )
    model = BaseModel(resident.name, resident.weights.path)
    return InfillRequest(model, "file:///a.py", segments, 512, tokens, temperature=0.8)


def question(resident: Resident, *, tokens: int = 12, forced: bool = False) -> ChatRequest:
    model = InstructModel(resident.name, resident.weights.path, forced)
    messages = (Message("system", "Be brief."), Message("user", "What is this?", (Piece("file", "x = 1"),)))
    return ChatRequest(model, messages, tokens, Sampling(temperature=1.5))


def test_a_prompt_is_told_word_for_word_and_nothing_is_decoded(lent: tuple[Resident, Abort]) -> None:
    resident, _ = lent
    asked = question(resident)
    started, finished = jobs.chat(resident, msgspec.structs.replace(asked, dry=True))
    assert isinstance(started, Started)
    assert finished == Finished("end", 0, 0.0, 0.0)
    assert "x = 1" in started.prompt
    assert [(part.kind, part.source) for part in started.parts][-2:] == [("context", "file"), ("turn", "user")]
    assert sum(part.tokens for part in started.parts) < started.prompt_tokens <= started.budget
    first = next(iter(jobs.chat(resident, asked)))
    assert isinstance(first, Started)
    assert (first.prompt_tokens, first.reused_tokens) == (started.prompt_tokens, 0)


def test_a_hole_is_filled_and_filled_again_from_the_cache(lent: tuple[Resident, Abort]) -> None:
    resident, _ = lent
    first, again = (list(jobs.infill(resident, hole(resident))) for _ in range(2))
    for events in (first, again):
        assert isinstance(events[0], Started)
        assert isinstance(events[-1], Finished)
        assert events[-1].tokens <= 12
    assert isinstance(first[0], Started)
    assert isinstance(again[0], Started)
    assert first[0].reused_tokens == 0
    assert again[0].reused_tokens > again[0].prompt_tokens / 2


LONG = "".join(f"value_{i} = {i}\n" for i in range(40))


def typed(resident: Resident, text: str, **options: object) -> InfillRequest:
    """The hole after so much text, greedily filled, with more code around it than a brief prompt holds."""
    segments = (Segment(SegmentKind.PREFIX, LONG + text, path="a.py"), Segment(SegmentKind.SUFFIX, "\n" + LONG[:120]))
    return InfillRequest(BaseModel(resident.name, resident.weights.path), "file:///a.py", segments, 900, 8, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("lent", ["qwen2", "starcoder2"], indirect=True)
def test_a_close_call_is_decided_as_if_all_had_been_decoded(lent: tuple[Resident, Abort], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generation, "CLOSE", 99.0)  # random weights: any call
    monkeypatch.setattr(generation, "UNSURE", 0.0)
    resident, _ = lent
    list(jobs.infill(resident, typed(resident, "x")))
    spliced, whole = (list(jobs.infill(resident, typed(resident, "x = y", reuse=reuse))) for reuse in (Reuse.SPLICE, Reuse.NONE))
    assert isinstance(spliced[0], Started)
    assert spliced[0].reused_tokens > 0.9 * spliced[0].prompt_tokens
    assert [event.text for event in spliced if isinstance(event, Token)] == [
        event.text for event in whole if isinstance(event, Token)
    ]


@pytest.mark.parametrize("lent", ["qwen2"], indirect=True)
def test_a_suggestion_that_nobody_asked_for_does_not_wait_for_a_cold_prompt(lent: tuple[Resident, Abort]) -> None:
    resident, _ = lent
    hasty = [typed(resident, text, within_ms=1) for text in ("x", "x ", "x =")]
    first = next(jobs.infill(resident, hasty[0]))
    list(jobs.infill(resident, hasty[0]))
    assert isinstance(first, Started)
    assert first.prompt_tokens <= first.budget == jobs.BRIEF_TOKENS
    again = next(jobs.infill(resident, hasty[1]))
    assert isinstance(again, Started)
    assert again.budget == jobs.BRIEF_TOKENS
    assert again.reused_tokens > again.prompt_tokens - 40
    list(jobs.warm(resident, hasty[1]))
    resident.pace.took(1_000_000, 1)
    warm = next(jobs.infill(resident, hasty[2]))
    assert isinstance(warm, Started)
    assert warm.budget == 900
    assert warm.reused_tokens > warm.prompt_tokens - 40
    assert list(jobs.warm(resident, hasty[2])) == []


@pytest.mark.parametrize("lent", ["qwen2"], indirect=True)
def test_a_suggestion_that_somebody_asked_for_is_made_from_all_there_is(lent: tuple[Resident, Abort]) -> None:
    resident, _ = lent
    started = next(jobs.infill(resident, typed(resident, "x")))
    assert isinstance(started, Started)
    assert started.budget == 900


@pytest.mark.parametrize("lent", ["codestral"], indirect=True)
def test_a_suffix_first_model_decodes_only_what_is_typed(lent: tuple[Resident, Abort]) -> None:
    resident, _ = lent
    list(jobs.infill(resident, hole(resident, 1)))
    longer = hole(resident, 1)
    typed = (*longer.segments[:2], Segment(SegmentKind.PREFIX, CODE + "a + ", path="a.py"), longer.segments[3])
    started = next(jobs.infill(resident, InfillRequest(longer.model, longer.document, typed, 512, 1)))
    assert isinstance(started, Started)
    assert started.prompt_tokens - started.reused_tokens <= 8


@pytest.mark.parametrize("forced", [False, True], ids=["asked", "shown examples"])
def test_a_question_is_answered_and_ends(lent: tuple[Resident, Abort], *, forced: bool) -> None:
    resident, _ = lent
    events = list(jobs.chat(resident, question(resident, forced=forced)))
    assert isinstance(events[0], Started)
    assert isinstance(events[-1], Finished)
    assert events[-1].reason in ("end", "length", "loop")


@pytest.mark.parametrize("kind", ["infill", "chat"])
def test_a_cancelled_request_stops_and_the_next_is_served(lent: tuple[Resident, Abort], kind: str) -> None:
    resident, abort = lent

    def steps(tokens: int) -> Iterator[StreamEvent | None]:
        if kind == "infill":
            return jobs.infill(resident, hole(resident, tokens, "\nx = 1" * 30))
        return jobs.chat(resident, question(resident, tokens=tokens))

    scheduler = Scheduler(abort, closing=lambda: None)
    seen: list[StreamEvent] = []
    begun, over, served = threading.Event(), threading.Event(), threading.Event()
    ended: list[BaseException | None] = []

    def cancel_at_once(event: StreamEvent) -> None:
        seen.append(event)
        if not begun.is_set():
            begun.set()
            scheduler.cancel(long)

    long = Job(lambda: steps(500), rank=Rank.CHAT, emit=cancel_at_once, done=lambda error: (ended.append(error), over.set()))
    scheduler.start()
    scheduler.submit(long)
    assert over.wait(60)
    short = Job(lambda: steps(3), rank=Rank.CHAT, emit=seen.append, done=lambda error: (ended.append(error), served.set()))
    scheduler.submit(short)
    assert served.wait(60)
    scheduler.close()
    assert ended == [None, None]
    assert [type(event) for event in seen if not isinstance(event, Token)] == [Started, Started, Finished]


def saying(token: str, folder: Path, controls: tuple[str, ...], name: str = "", template: str = "") -> Resident:
    """A model that says nothing but this token."""
    path = write_model(folder / "says.gguf", "starcoder2", controls=controls, name=name, template=template, says=token)
    return loaded("says", path)


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
    resident = saying(token, tmp_path, controls, name)
    last = list(jobs.infill(resident, hole(resident)))[-1]
    assert isinstance(last, Finished)
    assert (last.reason, last.tokens) == ("end", 0)
    resident.close()


@pytest.mark.parametrize("token", ["<|im_end|>", "<|im_start|>"])
def test_a_model_that_ends_its_turn_has_answered(token: str, tmp_path: Path) -> None:
    resident = saying(token, tmp_path, CHAT, template=CHATML)
    last = list(jobs.chat(resident, question(resident)))[-1]
    assert isinstance(last, Finished)
    assert (last.reason, last.tokens) == ("end", 0)
    resident.close()


@pytest.mark.parametrize("forced", [False, True])
def test_a_model_that_goes_round_in_circles_is_stopped(tmp_path: Path, *, forced: bool) -> None:
    resident = saying("ab", tmp_path, CHAT, template=CHATML)
    last = list(jobs.chat(resident, question(resident, tokens=400, forced=forced)))[-1]
    assert isinstance(last, Finished)
    assert last.reason == "loop"
    assert last.tokens <= 110
    resident.close()


def test_a_general_model_is_refused_for_a_hole_whatever_its_vocabulary_holds(tmp_path: Path) -> None:
    path = write_model(tmp_path / "general.gguf", "qwen2", controls=QWEN, name="Qwen2.5 7B Instruct", template=CHATML)
    resident = loaded("qwen2.5-7b", path)
    with pytest.raises(RoleRefused, match=r"qwen2\.5-7b cannot complete inside a file\. It is a general Qwen model"):
        list(jobs.infill(resident, hole(resident)))
    resident.close()


def test_a_model_that_nobody_knows_and_that_brings_no_template_is_refused_a_question(tmp_path: Path) -> None:
    path = write_model(tmp_path / "plain.gguf", "llama", controls=("<s>",))
    resident = loaded("plain", path)
    with pytest.raises(RoleRefused, match="plain has no chat template"):
        list(jobs.chat(resident, question(resident)))
    with pytest.raises(RoleRefused, match="no fill-in-the-middle tokens"):
        list(jobs.infill(resident, hole(resident)))
    resident.close()


@pytest.mark.parametrize(("trained", "tokens"), [(600, 600), (2048, 1024), (0, 1024)])
def test_a_context_is_never_longer_than_the_model_was_trained_on(tmp_path: Path, trained: int, tokens: int) -> None:
    path = write_model(tmp_path / "short.gguf", "qwen2", controls=QWEN, template=CHATML, trained_tokens=trained)
    resident = loaded("short", path)
    assert resident.chat_slots().tokens == resident.infill_slots(512).tokens == tokens
    started = next(jobs.infill(resident, typed(resident, "x")))
    assert isinstance(started, Started)
    assert started.budget == min(900, tokens - 8)
    resident.close()


def test_what_does_not_fit_a_short_model_is_told_its_size(tmp_path: Path) -> None:
    resident = loaded("short", write_model(tmp_path / "short.gguf", "qwen2", controls=QWEN, template=CHATML, trained_tokens=600))
    asked = msgspec.structs.replace(question(resident), messages=(Message("user", LONG * 2),))
    with pytest.raises(BadUsage, match=r"choose a model with a larger context: short was trained on 600 tokens\.$"):
        list(jobs.chat(resident, asked))
    resident.close()
