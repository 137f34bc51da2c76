"""Refactoring: answers that hold, answers that break each rule, and what is said about them."""

import pytest
from marked import marked
from scripted_chat import MODEL, ScriptedChat

from interfix.commands.refactor import Refactoring, refactor
from interfix.config.settings import Commands
from interfix.errors import BadUsage, InterfixError, Unavailable

LOOP = "def total(xs):\n«    t = 0\n    for x in xs:\n        t += x\n    return t\n»\n\nprint(total([1]))\n"
METHOD = "class A:\n    «def f(self):\n        return 1»\n"


async def run(text: str, *answers: str, language: str = "python", reason: str = "end") -> tuple[str, Refactoring, ScriptedChat]:
    """The whole text afterwards, the refactoring, the engine."""
    engine = ScriptedChat(*answers, reason=reason)
    snapshot, start, end = marked(text, language)
    done = await refactor(engine, MODEL, snapshot, start, end, "make it better", Commands())
    data = snapshot.data[: done.start] + done.text.encode() + snapshot.data[done.end :]
    return data.decode(), done, engine


async def test_the_selection_is_replaced_and_nothing_else() -> None:
    text, done, engine = await run(LOOP, "Here:\n```python\n    return sum(xs)\n```\nShorter!")
    assert text == "def total(xs):\n    return sum(xs)\n\n\nprint(total([1]))\n"
    assert done.verdict == "4 lines became 1 line, and the file parses."
    assert len(engine.asked) == 1


async def test_the_model_sees_the_instruction_after_the_code() -> None:
    _, _, engine = await run(LOOP, "```\nreturn sum(xs)\n```")
    asked = engine.asked[0].messages[1].content
    assert "```python\n    t = 0\n" in asked
    assert asked.index("`def total(xs):`") < asked.index("t = 0") < asked.index("Instruction: make it better")


async def test_indentation_and_line_endings_are_the_files() -> None:
    text, _, _ = await run(METHOD.replace("\n", "\r\n"), "```python\ndef f(self):\n    x = 1\n    return x\n```")
    assert text == "class A:\r\n    def f(self):\r\n        x = 1\r\n        return x\r\n"


async def test_characters_beyond_ascii_keep_their_places() -> None:
    text, _, _ = await run("# 😀 é\n«x = '😀'»\ny = 'ü'\n", "```\nx = '🎉'\n```")
    assert text == "# 😀 é\nx = '🎉'\ny = 'ü'\n"


async def test_an_unchanged_answer_is_said_to_be_unchanged() -> None:
    before = marked(LOOP)[0].text
    text, done, _ = await run(LOOP, "```\nt = 0  \nfor x in xs:\n    t += x\nreturn t\n```")
    assert (text, done.verdict) == (before, "The model left the code as it was.")


async def test_names_that_vanished_are_named() -> None:
    source = "«def f():\n    return g()\n\n\ndef g():\n    return 1\n»\nf()\n"
    _, done, _ = await run(source, "```\ndef h():\n    return 1\n```")
    assert done.verdict.endswith("No longer defined here: f, g.")


async def test_code_that_was_broken_elsewhere_may_stay_so() -> None:
    text, done, _ = await run("«x = 1»\n\ndef broken(:\n", "```\nx = 2\n```")
    assert text.startswith("x = 2\n")
    assert done.verdict.endswith("and the file has no new syntax errors.")


async def test_without_a_grammar_it_says_that_nothing_was_checked() -> None:
    _, done, _ = await run("«hello»\n", "```\ngoodbye\n```", language="plaintext")
    assert "nothing was checked" in done.verdict


FAULTS = {
    "no code": ("", "the answer holds no code"),
    "an empty fence": ("```python\n```", "the answer holds no code"),
    "prose": ("I would rather not change this function, sorry.", "no longer valid python"),
    "code that does not parse": ("```python\nreturn sum(xs\n```", "no longer valid python"),
    "what stands around it": ("```python\n    def total(xs):\n        return sum(xs)\n    return total(xs)\n```", "repeats total"),
}


@pytest.mark.parametrize(("answer", "reason"), FAULTS.values(), ids=FAULTS)
async def test_a_fault_goes_back_once_with_its_reason(answer: str, reason: str) -> None:
    text, _, engine = await run(LOOP, answer, "```\nreturn sum(xs)\n```")
    assert "    return sum(xs)\n\n\nprint" in text
    *_, echoed, complaint = engine.asked[1].messages
    assert (echoed.role, echoed.content) == ("assistant", answer)
    assert complaint.role == "user"
    assert reason in complaint.content


@pytest.mark.parametrize(("answer", "reason"), FAULTS.values(), ids=FAULTS)
async def test_a_second_fault_is_the_end(answer: str, reason: str) -> None:
    with pytest.raises(InterfixError, match=reason) as caught:
        await run(LOOP, answer, answer)
    assert "Nothing was changed" in str(caught.value)


@pytest.mark.parametrize(("reason", "said"), [("length", "cut off"), ("loop", "went round in circles")])
async def test_an_answer_cut_off_is_not_used(reason: str, said: str) -> None:
    with pytest.raises(InterfixError, match=said):
        await run(LOOP, "```\nreturn sum(xs)\n```", reason=reason)


async def test_an_answer_without_its_end_is_not_used() -> None:
    with pytest.raises(Unavailable, match="before the edit was complete"):
        await run(LOOP, "```\nreturn sum(xs)\n```", reason="")


async def test_nothing_to_refactor_asks_nobody() -> None:
    with pytest.raises(BadUsage):
        await run("‸\n")
