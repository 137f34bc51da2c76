"""Refactoring: answers that hold, answers that break each rule, and what is said about them."""

import pytest
from marked import marked

from interfix.commands.edit import Edit
from interfix.commands.refactor import refactor
from interfix.commands.situation import Situation
from interfix.errors import BadUsage, InterfixError, Unavailable
from scripted_chat import ScriptedChat, asking

LOOP = "def total(xs):\n«    t = 0\n    for x in xs:\n        t += x\n    return t\n»\n\nprint(total([1]))\n"
METHOD = "class A:\n    «def f(self):\n        return 1»\n"


async def run(
    text: str, *answers: str, language: str = "python", reason: str = "end", words: str = "make it better"
) -> tuple[str, Edit, ScriptedChat]:
    """The whole text afterwards, the edit, the engine."""
    engine = ScriptedChat(*answers, reason=reason)
    edit = await refactor(asking(engine), Situation(*marked(text, language), words=words))
    return edit.result.decode(), edit, engine


async def test_the_selection_is_replaced_and_nothing_else() -> None:
    text, done, engine = await run(LOOP, "Here:\n```python\n    return sum(xs)\n```\nShorter!")
    assert text == "def total(xs):\n    return sum(xs)\n\n\nprint(total([1]))\n"
    assert done.verdict == "parses · 1 hunk"
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


SAME = "```\nt = 0  \nfor x in xs:\n    t += x\nreturn t\n```"


async def test_an_unchanged_answer_goes_back_once() -> None:
    text, done, engine = await run(LOOP, SAME, "```\nreturn sum(xs)\n```")
    assert text == "def total(xs):\n    return sum(xs)\n\n\nprint(total([1]))\n"
    assert "it is the code as it was" in engine.asked[1].messages[-1].content
    assert done.verdict == "parses · 1 hunk"


async def test_an_answer_unchanged_again_is_said_to_be_unchanged() -> None:
    text, done, _ = await run(LOOP, SAME, SAME)
    assert (text, done.verdict) == (marked(LOOP)[0].text, "The model left the code as it was.")


async def test_code_that_was_broken_elsewhere_may_stay_so() -> None:
    text, done, _ = await run("«x = 1»\n\ndef broken(:\n", "```\nx = 2\n```")
    assert text.startswith("x = 2\n")
    assert done.verdict.startswith("no new syntax errors · 1 hunk")


async def test_without_a_grammar_it_says_that_nothing_was_checked() -> None:
    _, done, _ = await run("«hello»\n", "```\ngoodbye\n```", language="plaintext")
    assert "nothing was checked" in done.verdict


@pytest.mark.parametrize(("reason", "said"), [("length", "cut off"), ("loop", "went round in circles")])
async def test_an_answer_cut_off_is_not_used(reason: str, said: str) -> None:
    with pytest.raises(InterfixError, match=said):
        await run(LOOP, "```\nreturn sum(xs)\n```", reason=reason)


async def test_an_answer_without_its_end_is_not_used() -> None:
    with pytest.raises(Unavailable, match="before the answer was complete"):
        await run(LOOP, "```\nreturn sum(xs)\n```", reason="")


async def test_nothing_to_refactor_asks_nobody() -> None:
    with pytest.raises(BadUsage):
        await run("‸\n")
