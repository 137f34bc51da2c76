"""Every command, those from files included, with every planted secret: none stands in a request, and edits bring it back."""

import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from interfix.commands.asking import Asking
from interfix.commands.own import menu, read
from interfix.commands.registry import ANSWERS, EDITS
from interfix.commands.situation import Diagnostic, Situation
from interfix.commands.why import Command, why
from interfix.commands.written import command_of
from interfix.config.settings import ContextSettings
from interfix.context.exclusion import Exclusion
from interfix.engine.protocol import ChatRequest
from interfix.errors import InterfixError
from interfix.syntax.document import Document
from interfix.values import Finished, Message, Started, StreamEvent, Token
from planted import Planted, planted
from scripted_chat import ScriptedChat, asking

PLANTED = tuple(planted())
OWN = [read("own", f"---\ntitle: Own\nresult: {result}\n---\nMake it short.") for result in ("edit", "comments", "answer")]
COMMANDS: dict[str, Command] = {
    **EDITS,
    **ANSWERS,
    **{f"menu {each.name}": command_of(each) for each in menu()},
    **{f"own {each.header.result}": command_of(each) for each in OWN},
}
"""Every command there is; a new one comes with the registry."""
_FENCED = re.compile(r"(?m)^(`{3,})\w*\n(.*?)\n\1$", re.DOTALL)


class Echo(ScriptedChat):
    """Gives back the code it was shown, with one line more; notes what it was asked."""

    async def chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        self.asked.append(request)
        yield Started(model=request.model.name, prompt_tokens=1, reused_tokens=0)
        if not request.dry:
            question = next(message.content for message in request.messages if message.role == "user")
            fence = _FENCED.search(question)
            assert fence is not None
            code = fence[2]
            yield Token(text=f"```\n{code}\nassert checked\n```", logprob=-0.1)
        yield Finished(reason="end", tokens=1, prefill_ms=1, decode_ms=1)


def shown(message: Message) -> str:
    """All that may stand in a prompt of it."""
    return "\n".join((message.content, *(f"{piece.name} {piece.text}" for piece in message.context)))


def leaks(engine: ScriptedChat, case: Planted) -> Iterator[str]:
    """The parts of a secret that an engine was shown."""
    text = "\n".join(shown(message) for request in engine.asked for message in request.messages)
    for part in re.split(r"\n|\\n", case.secret):
        if len(part) >= 4 and part in text:
            yield f"{case.shape}: {case.text!r}"


def situation(root: Path, case: Planted, start: int | None = None) -> Situation:
    """A file with a secret in the selection, which begins at the byte `start`, in the diagnostics and in the user's words."""
    before = "import os\n\n\ndef main():\n    run('a', 1)\n"
    text = f"{before}{case.text}\n    return 1\n"
    path = root / "code.py"
    path.write_text(text)
    snapshot = Document(path.as_uri(), text, 1, "python").snapshot()
    first = len(before.encode()) if start is None else start
    diagnostic = Diagnostic(first, first, f"is not used: {case.text}", "lint")
    exclusion = Exclusion(root, ContextSettings())
    return Situation(snapshot, first, len(text.encode()), case.text, (diagnostic,), root, None, exclusion)


async def run(command: Command, asking: Asking, about: Situation) -> None:
    with suppress(InterfixError):  # no answer can be used; what was asked is what counts
        result = command(asking, about)
        if isinstance(result, AsyncGenerator):
            async for _ in result:
                pass
        else:
            await result


@pytest.mark.parametrize("name", COMMANDS)
async def test_no_request_of_a_command_holds_a_secret(name: str, tmp_path: Path) -> None:
    found = []
    for case in PLANTED:
        engine = Echo()
        await run(COMMANDS[name], asking(engine), situation(tmp_path, case))
        assert engine.asked
        found += leaks(engine, case)
    assert found == []


@pytest.mark.parametrize("name", COMMANDS)
async def test_nor_does_one_about_a_part_of_a_secret(name: str, tmp_path: Path) -> None:
    found = []
    for case in PLANTED:
        if "\n" in case.secret:
            engine = Echo()
            about = situation(tmp_path, case)
            middle = about.snapshot.data.index(case.secret.split("\n")[1].encode())
            await run(COMMANDS[name], asking(engine), situation(tmp_path, case, middle))
            assert engine.asked
            found += leaks(engine, case)
    assert found == []


@pytest.mark.parametrize("name", COMMANDS)
async def test_nor_does_what_why_tells(name: str, tmp_path: Path) -> None:
    for case in PLANTED[::7]:
        engine = Echo()
        with suppress(InterfixError):
            await why(COMMANDS[name], asking(engine), situation(tmp_path, case))
        assert engine.asked
        assert [*leaks(engine, case)] == []


async def test_the_tests_that_are_there_are_shown_without_theirs(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    for case in PLANTED:
        (tmp_path / "tests" / "test_code.py").write_text(f"{case.text}\n\n\ndef test_old():\n    assert True\n" + "# more\n" * 40)
        engine = Echo()
        innocent = Planted(case.shape, "    pass", case.secret)
        await run(EDITS["test"], asking(engine), situation(tmp_path, innocent))
        assert [*leaks(engine, case)] == []


BODY = """def main():
    client = connect("a", password="{0}")
    other = connect("b", password="{1}")
    return client, other
"""
SECRETS = ("hunter42", "s3cr3t-Dragon#7")


async def refactored(*answers: str) -> tuple[str, tuple[str, ...], ScriptedChat]:
    text = BODY.format(*SECRETS)
    engine = ScriptedChat(*answers)
    about = Situation(Document("file:///t/code.py", text, 1, "python").snapshot(), 0, len(text), words="make it better")
    edit = await EDITS["refactor"](asking(engine), about)
    return edit.result.decode(), edit.notes, engine


async def test_an_edit_brings_the_secrets_back_where_they_move_to() -> None:
    masked = BODY.format("xxxxxxx1", "xxxxxxxxxxxxxx2")
    first, client, other, last = masked.splitlines()
    text, notes, engine = await refactored("\n".join(("```python", first, other, client, last, "```")))
    assert masked.strip() in engine.asked[0].messages[1].content
    first, client, other, last = BODY.format(*SECRETS).splitlines()
    assert text.splitlines() == [first, other, client, last]
    assert notes == ()


async def test_an_edit_that_loses_or_repeats_a_secret_says_so() -> None:
    code = BODY.format("xxxxxxx1", "xxxxxxx1").replace("return", "# xxxxxxx1\n    return")
    text, notes, _ = await refactored(f"```python\n{code}```")
    assert text == BODY.format(SECRETS[0], SECRETS[0]).replace("return", f"# {SECRETS[0]}\n    return")
    assert notes == (
        "1 value that was masked in the prompt is no longer in the file.",
        "1 value that was masked in the prompt now stands in more places.",
    )


async def test_an_edit_that_changes_a_masked_value_goes_back_once_and_is_refused() -> None:
    wrong = "```python\n" + BODY.format("xxxxxxx3", "xxxxxxxxxx") + "```"
    with pytest.raises(InterfixError, match="it changes a value that was masked, so that the original cannot be put back"):
        await refactored(wrong, wrong)
    right = BODY.format("xxxxxxx1", "xxxxxxxxxxxxxx2").replace("return", "print()\n    return")
    text, _, engine = await refactored(wrong, f"```python\n{right}```")
    assert text == BODY.format(*SECRETS).replace("return", "print()\n    return")
    assert "a value that was masked" in engine.asked[1].messages[-1].content


async def test_the_rules_judge_what_is_restored() -> None:
    """A secret with a quote in it ends the string that a model has put it into, and so the answer does not parse."""
    text = "def main():\n    return connect(password='Dragon\"77#')\n"
    engine = ScriptedChat(*['```python\ndef main():\n    return connect(password="xxxxxxxxx1")\n```'] * 2)
    about = Situation(Document("file:///t/code.py", text, 1, "python").snapshot(), 0, len(text), words="use double quotes")
    with pytest.raises(InterfixError, match="no longer valid Python"):
        await EDITS["refactor"](asking(engine), about)
