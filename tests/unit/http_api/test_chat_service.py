"""Chats: secrets have stand-ins in the prompt and are themselves again in the answer."""

import pytest

from interfix.errors import UnavailableError, UsageError
from interfix.http_api.call_types import AnswerEnd, GenerationOptions
from interfix.http_api.chat_service import ChatCall, ChatService, ChatTurn
from interfix.http_api.served_models import ServedModels
from tests.fake_engine import FAKE_MODELS, FakeAnswer, FakeEngine
from tests.http_client import make_settings
from tests.secret_samples import SecretSample, generate_samples

SECRETS = [sample for sample in generate_samples() if "\n" not in sample.secret]


async def ask(engine: FakeEngine, *contents: str, max_tokens: int = 99, stop: tuple[str, ...] = ()) -> tuple[list[str], AnswerEnd]:
    service = ChatService(engine, ServedModels(make_settings(), FAKE_MODELS), max_characters=10_000)
    options = GenerationOptions(max_tokens=max_tokens, stop=stop)
    texts: list[str] = []
    async for event in service.stream(ChatCall(turns=tuple(ChatTurn("user", content) for content in contents), options=options)):
        if isinstance(event, AnswerEnd):
            return texts, event
        texts.append(event.text)
    raise AssertionError("no end")


async def test_an_answer_is_given_as_it_comes() -> None:
    texts, end = await ask(FakeEngine("It is a list."), "What is this?")
    assert len(texts) > 3
    assert "".join(texts) == "It is a list."
    assert end.reason == "end"


async def test_a_stop_text_ends_it() -> None:
    texts, end = await ask(FakeEngine("one\ntwo\nthree"), "Count.", stop=("\ntwo",))
    assert ("".join(texts), end.reason, end.stop_word) == ("one", "word", "\ntwo")


@pytest.mark.parametrize("sample", SECRETS[::7], ids=lambda sample: sample.shape)
async def test_a_secret_is_not_shown_to_the_model_and_comes_back(sample: SecretSample) -> None:
    engine = FakeEngine(respond=lambda request: FakeAnswer(request.messages[-1].content + "\n"), piece_length=2)
    texts, _ = await ask(engine, sample.text)
    assert sample.secret not in engine.requests[0].messages[0].content
    assert "".join(texts) == sample.text + "\n"


async def test_a_warm_up_that_another_request_ends_is_no_error() -> None:
    texts, end = await ask(FakeEngine("", end_reason=""), "Hello.", max_tokens=0)
    assert (texts, end.tokens) == ([], 0)


async def test_half_an_answer_is_an_error() -> None:
    with pytest.raises(UnavailableError):
        await ask(FakeEngine("half", end_reason=""), "Hello.")


async def test_a_chat_that_cannot_fit_is_refused_before_it_is_looked_at() -> None:
    engine = FakeEngine("x")
    with pytest.raises(UsageError, match="20000 characters"):
        await ask(engine, "a" * 10_000, "b" * 10_000)
    assert engine.requests == []
