"""Each rule: an answer that violates it goes back once with the reason, and is then refused with the raw answer at hand."""

import re
from collections.abc import Awaitable, Callable

import msgspec
import pytest

from interfix.commands.answer_placement import apply_to_selection
from interfix.commands.command_request import CommandRequest
from interfix.commands.edit_hunks import CheckedEdit, Hunk
from interfix.commands.fix import fix
from interfix.commands.instruct_client import InstructClient, UnusableAnswer
from interfix.commands.refactor import refactor
from interfix.commands.rules import EditProposal
from interfix.commands.rules.selection_and_imports import check_within_selection
from interfix.commands.selection import Selection
from interfix.commands.write_documentation import write_documentation
from tests.fake_engine import FakeEngine, make_instruct_client
from tests.unit.commands.marked_text import parse_marked

Command = Callable[[InstructClient, CommandRequest], Awaitable[CheckedEdit]]

BODY = "def total(xs):\n«    t = 0\n    for x in xs:\n        t += x\n    return t\n»\n\nprint(total([1]))\n"
TAIL = "def kept(xs):\n    xs = list(xs)\n«    found = []\n    for x in xs:\n        found.append(x)\n»    return found\n"
TWO = "«def f(a):\n    return a»\n\n\ndef g(b):\n    return f(b)\n"
MERGE = "«def merge(a):\n    return a»\n"
METHOD = "class A:\n    «def f(self):\n        return 1»\n\n    def g(self):\n        return 2\n"
TABS = "func f() int {\n«\treturn 1»\n}\n"

VIOLATIONS: dict[str, tuple[Command, str, str, str, str, str]] = {
    "code": (refactor, "python", BODY, "", "", "the answer holds no code"),
    "code, an empty fence": (refactor, "python", BODY, "", "```python\n```", "the answer holds no code"),
    "parses": (refactor, "python", BODY, "", "```python\nreturn sum(xs\n```", "no longer valid Python"),
    "parses, prose": (refactor, "python", BODY, "", "I would rather not change this, sorry.", "no longer valid Python"),
    "around, what it stands in": (
        refactor, "python", BODY, "",
        "```python\n    def total(xs):\n        return 1\n    return total(xs)\n```", "repeats total",
    ),
    "around, a neighbour again": (
        refactor, "python", TWO, "",
        "```python\ndef f(a):\n    return a + 1\n\n\ndef g(b):\n    return f(b)\n```", "repeats `def g\\(b\\)`",
    ),
    "around, left its class": (
        refactor, "python", METHOD, "",
        "```python\n    def f(self):\n        return 3\n\nclass B:\n    pass\n```", "does not stay inside",
    ),
    "around, swallows what follows": (
        refactor, "javascript", "«let a = 1;»\n\nfunction g() { return 2; }\n\nlet b = `x`;\n", "",
        "```js\nlet a = `1;\n```", "outside of what was asked about|no longer valid",
    ),
    "neighbours, the line below again": (
        refactor, "python", TAIL, "",
        "```python\nfound = [x for x in xs if x]\nreturn found\n```", "repeats `return found`, which stands right below",
    ),
    "neighbours, the line above again": (
        refactor, "python", TAIL, "",
        "```python\nxs = list(xs)\nfound = [x for x in xs if x]\n```", "repeats `xs = list\\(xs\\)`, which stands right above",
    ),
    "neighbours, another end": (
        refactor, "python", TAIL, "",
        "```python\nreturn [x for x in xs if x]\n```", "below the selection is never reached",
    ),
    "neighbours, another end with braces": (
        refactor, "javascript", "function f(xs) {\n«  let n = 0;\n  for (const x of xs) n += x;\n»  return n;\n}\n", "",
        "```js\nreturn xs.length;\n```", "below the selection is never reached",
    ),
    "layout": (
        refactor, "go", TABS, "",
        "```go\nif true {\n\treturn 1\n}\nif false {\n    return 1\n}\nreturn 2\n```", "indented with spaces",
    ),
    "kept": (refactor, "python", TWO, "", "```python\ndef h(a):\n    return a\n```", "no longer defines f"),
    "kept, its name is no request": (
        refactor, "python", MERGE, "make merge faster",
        "```python\ndef h(a):\n    return a\n```", "defines merge",
    ),
    "kept, by a fix": (
        fix, "python", TWO, "remove the defect of f",
        "```python\ndef h(a):\n    return a\n```", "no longer defines f",
    ),
    "comments": (
        refactor, "python", TWO, "add comments to this",
        "```python\n# twice\ndef f(a):\n    return a * 2\n```", "it changes the code",
    ),
    "documented": (write_documentation, "python", TWO, "", "```python\ndef f(a):\n    return a\n```", "f is not documented"),
    "documented, prose": (
        write_documentation, "javascript", "«function f() {\n  return 1;\n}»\n", "", "It gives one.", "f is not documented",
    ),
    "documented, above": (
        write_documentation, "python", TWO, "", "```python\n# Gives a.\ndef f(a):\n    return a\n```", "not a docstring",
    ),
    "fix obeys the rules": (fix, "python", TWO, "a is wrong", "```python\ndef other(a):\n    return a\n```", "no longer defines f"),
}  # fmt: skip


@pytest.mark.parametrize(("command", "language", "text", "words", "answer", "reason"), VIOLATIONS.values(), ids=VIOLATIONS)
async def test_a_violation_goes_back_with_its_reason_and_is_then_refused(
    command: Command, language: str, text: str, words: str, answer: str, reason: str
) -> None:
    engine = FakeEngine(answer, answer)
    with pytest.raises(UnusableAnswer, match=reason) as caught:
        await command(
            make_instruct_client(engine), CommandRequest(*parse_marked(text, language), instruction=words or "make it better")
        )
    assert "Nothing was changed" in str(caught.value)
    assert caught.value.answer == answer
    *_, echoed, complaint = engine.requests[1].messages
    assert (echoed.role, echoed.content, complaint.role) == ("assistant", answer, "user")
    assert re.search(reason, complaint.content)


@pytest.mark.parametrize(
    ("hunk", "held"),
    [
        (Hunk(10, 19, "    x = 3"), True),
        (Hunk(0, 0, "import os\n"), True),
        (Hunk(0, 0, "import os\nos.remove('/')\n"), False),
        (Hunk(0, 0, "evil()\n"), False),
        (Hunk(0, 9, "def g(): "), False),
        (Hunk(20, 25, "y = 1"), False),
    ],
)
def test_nothing_but_the_selection_and_imports_changes(hunk: Hunk, held: bool) -> None:
    snapshot, start, end = parse_marked("def f():\n\n«    x = 2»\nz = 1\n")
    before = Selection(snapshot, start, end)
    ruling = check_within_selection(EditProposal(before, apply_to_selection(before, (hunk,)), (hunk,)))
    assert bool(ruling.fault) is not held


async def test_comments_may_change_where_comments_were_asked_for() -> None:
    edit = await refactor(
        make_instruct_client(FakeEngine("```\n# Gives a back.\ndef f(a):\n    return a  # as it is\n```")),
        CommandRequest(*parse_marked(TWO), instruction="Add comments"),
    )
    assert edit.result.decode().startswith("# Gives a back.\ndef f(a):\n    return a  # as it is\n")
    assert edit.summary.startswith("parses · code unchanged · ")


async def test_an_indentation_that_means_something_else_is_a_change_of_code() -> None:
    text = "«def f(a):\n    if a:\n        b()\n        c()»\n"
    answer = "```\ndef f(a):\n    # when\n    if a:\n        b()\n    c()\n```"
    with pytest.raises(UnusableAnswer, match="changes the code"):
        await refactor(
            make_instruct_client(FakeEngine(answer, answer)), CommandRequest(*parse_marked(text), instruction="Add a comment")
        )


async def test_what_vanished_is_named() -> None:
    text = "«import os\n\n\ndef f(a):\n    check(a)\n    return os.sep»\n"
    answer = "```\ndef f(a):\n    return '/'\n```"
    edit = await refactor(
        make_instruct_client(FakeEngine(answer)), CommandRequest(*parse_marked(text), instruction="drop the check")
    )
    assert "No longer called here: check." in edit.summary
    assert "No longer imported here: os." in edit.summary


async def test_a_changed_signature_is_told() -> None:
    answer = "```\ndef f(a, b=1):\n    return a + b\n```"
    edit = await refactor(make_instruct_client(FakeEngine(answer)), CommandRequest(*parse_marked(TWO), instruction="add b"))
    assert "The signature changed: `def f(a)` is now `def f(a, b=1)`." in edit.summary


async def test_of_several_definitions_of_one_name_only_what_changed_is_told() -> None:
    text = "«@overload\ndef f(a: int): ...\n\n\n@overload\ndef f(a: str): ...»\n"
    answer = "```\n@overload\ndef f(a: int): ...\n\n\n@overload\ndef f(a: bytes): ...\n```"
    edit = await refactor(
        make_instruct_client(FakeEngine(answer)), CommandRequest(*parse_marked(text), instruction="take bytes, not str")
    )
    assert "The signature changed: `def f(a: str)` is now `def f(a: bytes)`." in edit.summary


async def test_a_rename_that_was_asked_for_is_told() -> None:
    answer = "```\ndef h(a):\n    return a\n```"
    edit = await refactor(make_instruct_client(FakeEngine(answer)), CommandRequest(*parse_marked(TWO), instruction="rename f to h"))
    assert "No longer defined: f." in edit.summary


async def test_without_repair_a_fault_is_the_end() -> None:
    engine = FakeEngine("", "```\ndef f(a):\n    return 2\n```")
    with pytest.raises(UnusableAnswer):
        await refactor(
            msgspec.structs.replace(make_instruct_client(engine), max_repairs=0),
            CommandRequest(*parse_marked(TWO), instruction="x"),
        )
    assert len(engine.requests) == 1
