"""Refactoring: answers that hold, answers that break each rule, and what is said about them."""

import pytest

from interfix.commands.command_request import CommandRequest
from interfix.commands.edit_hunks import CheckedEdit
from interfix.commands.refactor import refactor
from interfix.errors import InterfixError, UnavailableError, UsageError
from tests.fake_engine import FakeEngine, make_instruct_client
from tests.unit.commands.marked_text import parse_marked

LOOP = "def total(xs):\n«    t = 0\n    for x in xs:\n        t += x\n    return t\n»\n\nprint(total([1]))\n"
METHOD = "class A:\n    «def f(self):\n        return 1»\n"


async def run_refactor(
    text: str, *answers: str, language: str = "python", reason: str = "end", words: str = "make it better"
) -> tuple[str, CheckedEdit, FakeEngine]:
    """The whole text afterwards, the edit, the engine."""
    engine = FakeEngine(*answers, end_reason=reason)
    edit = await refactor(make_instruct_client(engine), CommandRequest(*parse_marked(text, language), instruction=words))
    return edit.result.decode(), edit, engine


async def test_the_selection_is_replaced_and_nothing_else() -> None:
    text, done, engine = await run_refactor(LOOP, "Here:\n```python\n    return sum(xs)\n```\nShorter!")
    assert text == "def total(xs):\n    return sum(xs)\n\n\nprint(total([1]))\n"
    assert done.summary == "parses · 1 hunk"
    assert len(engine.requests) == 1


async def test_the_model_sees_the_instruction_after_the_code() -> None:
    _, _, engine = await run_refactor(LOOP, "```\nreturn sum(xs)\n```")
    asked = engine.requests[0].messages[1].content
    assert "```python\n    t = 0\n" in asked
    assert asked.index("`def total(xs):`") < asked.index("t = 0") < asked.index("Instruction: make it better")


async def test_indentation_and_line_endings_are_the_files() -> None:
    text, _, _ = await run_refactor(METHOD.replace("\n", "\r\n"), "```python\ndef f(self):\n    x = 1\n    return x\n```")
    assert text == "class A:\r\n    def f(self):\r\n        x = 1\r\n        return x\r\n"


async def test_characters_beyond_ascii_keep_their_places() -> None:
    text, _, _ = await run_refactor("# 😀 é\n«x = '😀'»\ny = 'ü'\n", "```\nx = '🎉'\n```")
    assert text == "# 😀 é\nx = '🎉'\ny = 'ü'\n"


@pytest.mark.parametrize(
    ("language", "comment", "code", "answer"),
    [
        ("c", "/* Adds. */\n", "int add(int a, int b) {\n    return b + a;\n}", "int add(int a, int b) {\n    return a + b;\n}"),
        (
            "javascript",
            "/**\n * Adds.\n */\n",
            "function add(a, b) {\n  return b + a;\n}",
            "function add(a, b) {\n  return a + b;\n}",
        ),
        ("rust", "/// Adds.\n/// Twice.\n", "fn add(a: u8) -> u8 {\n    2 * a\n}", "fn add(a: u8) -> u8 {\n    a + a\n}"),
        ("lua", "--- Adds.\n", "local function add(a, b)\n  return b + a\nend", "local function add(a, b)\n  return a + b\nend"),
        ("python", "# Adds.\n", "def add(a, b):\n    return b + a", "def add(a, b):\n    return a + b"),
    ],
)
@pytest.mark.parametrize("count", [0, 1, 3])
async def test_a_comment_that_stands_above_is_not_written_twice(
    language: str, comment: str, code: str, answer: str, count: int
) -> None:
    """Whether an answer has none, the last line or all of the comment that stands above the selection."""
    said = "".join(comment.splitlines(keepends=True)[-count:]) if count else ""
    if count == 1 and said.strip() == "*/":
        return  # an answer of half a comment is no code
    text, _, engine = await run_refactor(f"{comment}«{code}»\n", f"```\n{said}{answer}\n```", language=language)
    assert text == f"{comment}{answer}\n"
    assert len(engine.requests) == 1


UNCHANGED_ANSWERS = "```\nt = 0  \nfor x in xs:\n    t += x\nreturn t\n```"


async def test_an_unchanged_answer_goes_back_once() -> None:
    text, done, engine = await run_refactor(LOOP, UNCHANGED_ANSWERS, "```\nreturn sum(xs)\n```")
    assert text == "def total(xs):\n    return sum(xs)\n\n\nprint(total([1]))\n"
    assert "it is the code as it was" in engine.requests[1].messages[-1].content
    assert done.summary == "parses · 1 hunk"


async def test_an_answer_unchanged_again_is_said_to_be_unchanged() -> None:
    text, done, _ = await run_refactor(LOOP, UNCHANGED_ANSWERS, UNCHANGED_ANSWERS)
    assert (text, done.summary) == (parse_marked(LOOP)[0].text, "The model left the code as it was.")


async def test_code_that_was_broken_elsewhere_may_stay_so() -> None:
    text, done, _ = await run_refactor("«x = 1»\n\ndef broken(:\n", "```\nx = 2\n```")
    assert text.startswith("x = 2\n")
    assert done.summary.startswith("no new syntax errors · 1 hunk")


async def test_without_a_grammar_it_says_that_nothing_was_checked() -> None:
    _, done, _ = await run_refactor("«hello»\n", "```\ngoodbye\n```", language="plaintext")
    assert "nothing was checked" in done.summary


@pytest.mark.parametrize(("reason", "said"), [("length", "cut off"), ("loop", "went round in circles")])
async def test_an_answer_cut_off_is_not_used(reason: str, said: str) -> None:
    with pytest.raises(InterfixError, match=said):
        await run_refactor(LOOP, "```\nreturn sum(xs)\n```", reason=reason)


async def test_an_answer_without_its_end_is_not_used() -> None:
    with pytest.raises(UnavailableError, match="before the answer was complete"):
        await run_refactor(LOOP, "```\nreturn sum(xs)\n```", reason="")


async def test_nothing_to_refactor_asks_nobody() -> None:
    with pytest.raises(UsageError):
        await run_refactor("‸\n")
