"""Each rule: an answer that violates it goes back once with the reason, and is then refused with the raw answer at hand."""

import re
from collections.abc import Awaitable, Callable

import msgspec
import pytest
from marked import marked

from interfix.commands.asking import Asking, Unusable
from interfix.commands.document import document
from interfix.commands.edit import Edit, Hunk
from interfix.commands.fix import fix
from interfix.commands.placing import after
from interfix.commands.refactor import refactor
from interfix.commands.rules import Proposal
from interfix.commands.rules.reach import reach
from interfix.commands.selection import Selection
from interfix.commands.situation import Situation
from scripted_chat import ScriptedChat, asking

Command = Callable[[Asking, Situation], Awaitable[Edit]]

BODY = "def total(xs):\n«    t = 0\n    for x in xs:\n        t += x\n    return t\n»\n\nprint(total([1]))\n"
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
    "documented": (document, "python", TWO, "", "```python\ndef f(a):\n    return a\n```", "f is not documented"),
    "documented, prose": (document, "javascript", "«function f() {\n  return 1;\n}»\n", "", "It gives one.", "f is not documented"),
    "documented, above": (document, "python", TWO, "", "```python\n# Gives a.\ndef f(a):\n    return a\n```", "not a docstring"),
    "fix obeys the rules": (fix, "python", TWO, "a is wrong", "```python\ndef other(a):\n    return a\n```", "no longer defines f"),
}  # fmt: skip


@pytest.mark.parametrize(("command", "language", "text", "words", "answer", "reason"), VIOLATIONS.values(), ids=VIOLATIONS)
async def test_a_violation_goes_back_with_its_reason_and_is_then_refused(
    command: Command, language: str, text: str, words: str, answer: str, reason: str
) -> None:
    engine = ScriptedChat(answer, answer)
    with pytest.raises(Unusable, match=reason) as caught:
        await command(asking(engine), Situation(*marked(text, language), words=words or "make it better"))
    assert "Nothing was changed" in str(caught.value)
    assert caught.value.answer == answer
    *_, echoed, complaint = engine.asked[1].messages
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
    snapshot, start, end = marked("def f():\n\n«    x = 2»\nz = 1\n")
    before = Selection(snapshot, start, end)
    ruling = reach(Proposal(before, after(before, (hunk,)), (hunk,)))
    assert bool(ruling.fault) is not held


async def test_comments_may_change_where_comments_were_asked_for() -> None:
    edit = await refactor(
        asking(ScriptedChat("```\n# Gives a back.\ndef f(a):\n    return a  # as it is\n```")),
        Situation(*marked(TWO), words="Add comments"),
    )
    assert edit.result.decode().startswith("# Gives a back.\ndef f(a):\n    return a  # as it is\n")
    assert edit.verdict.startswith("parses · code unchanged · ")


async def test_an_indentation_that_means_something_else_is_a_change_of_code() -> None:
    text = "«def f(a):\n    if a:\n        b()\n        c()»\n"
    answer = "```\ndef f(a):\n    # when\n    if a:\n        b()\n    c()\n```"
    with pytest.raises(Unusable, match="changes the code"):
        await refactor(asking(ScriptedChat(answer, answer)), Situation(*marked(text), words="Add a comment"))


async def test_what_vanished_is_named() -> None:
    text = "«import os\n\n\ndef f(a):\n    check(a)\n    return os.sep»\n"
    answer = "```\ndef f(a):\n    return '/'\n```"
    edit = await refactor(asking(ScriptedChat(answer)), Situation(*marked(text), words="drop the check"))
    assert "No longer called here: check." in edit.verdict
    assert "No longer imported here: os." in edit.verdict


async def test_a_changed_signature_is_told() -> None:
    answer = "```\ndef f(a, b=1):\n    return a + b\n```"
    edit = await refactor(asking(ScriptedChat(answer)), Situation(*marked(TWO), words="add b"))
    assert "The signature changed: `def f(a)`." in edit.verdict


async def test_a_rename_that_was_asked_for_is_told() -> None:
    answer = "```\ndef h(a):\n    return a\n```"
    edit = await refactor(asking(ScriptedChat(answer)), Situation(*marked(TWO), words="rename f to h"))
    assert "No longer defined: f." in edit.verdict


async def test_without_repair_a_fault_is_the_end() -> None:
    engine = ScriptedChat("", "```\ndef f(a):\n    return 2\n```")
    with pytest.raises(Unusable):
        await refactor(msgspec.structs.replace(asking(engine), repairs=0), Situation(*marked(TWO), words="x"))
    assert len(engine.asked) == 1
