"""Every command, those from files included, with every planted secret: none stands in a request, and edits bring it back.

About all of `commands/` and `masking/`.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from interfix.commands.command import Command, EditCommand
from interfix.commands.command_files import load_builtin_commands, parse_command
from interfix.commands.command_request import CommandRequest, Diagnostic
from interfix.commands.custom_command_runner import bind_command
from interfix.commands.instruct_client import InstructClient
from interfix.commands.prompt_preview import preview_prompts
from interfix.commands.registry import EDIT_COMMANDS, INSTRUCT_COMMANDS
from interfix.config.settings import ContextSettings
from interfix.context.exclusion import Exclusion
from interfix.engine.protocol import ChatRequest
from interfix.errors import InterfixError
from interfix.inference_types import ChatMessage
from interfix.syntax.document import Document
from tests.effort import take_share
from tests.fake_engine import FakeAnswer, FakeEngine, make_instruct_client
from tests.secret_samples import SecretSample, generate_samples

SECRET_SAMPLES = tuple(generate_samples())
CUSTOM_COMMANDS = [
    parse_command("own", f"---\ntitle: Own\nresult: {result}\n---\nMake it short.") for result in ("edit", "comments", "answer")
]
COMMANDS: dict[str, Command] = {
    **INSTRUCT_COMMANDS,
    **{f"menu {each.name}": bind_command(each) for each in load_builtin_commands()},
    **{f"own {each.header.result}": bind_command(each) for each in CUSTOM_COMMANDS},
}
"""Every command there is; a new one comes with the registry."""
_FENCED = re.compile(r"(?m)^(`{3,})\w*\n(.*?)\n\1$", re.DOTALL)


def echo_code(request: ChatRequest) -> FakeAnswer:
    """The code that was shown, with one line more."""
    if request.dry_run:
        return FakeAnswer("")
    question = next(message.content for message in request.messages if message.role == "user")
    fence = _FENCED.search(question)
    assert fence is not None
    return FakeAnswer(f"```\n{fence[2]}\nassert checked\n```")


def message_text(message: ChatMessage) -> str:
    """All that may stand in a prompt of it."""
    return "\n".join((message.content, *(f"{piece.name} {piece.text}" for piece in message.context)))


def find_leaks(engine: FakeEngine, case: SecretSample) -> Iterator[str]:
    """The parts of a secret that an engine was shown."""
    text = "\n".join(message_text(message) for request in engine.requests for message in request.messages)
    for part in re.split(r"\n|\\n", case.secret):
        if len(part) >= 4 and part in text:
            yield f"{case.shape}: {case.text!r}"


def make_request(root: Path, case: SecretSample, start: int | None = None) -> CommandRequest:
    """A file with a secret in the selection, which begins at the byte `start`, in the diagnostics and in the user's words."""
    before = "import os\n\n\ndef main():\n    run('a', 1)\n"
    text = f"{before}{case.text}\n    return 1\n"
    path = root / "code.py"
    path.write_text(text)
    snapshot = Document(path.as_uri(), text, 1, "python").snapshot()
    first = len(before.encode()) if start is None else start
    diagnostic = Diagnostic(first, first, f"is not used: {case.text}", "lint")
    exclusion = Exclusion(root, ContextSettings())
    return CommandRequest(snapshot, first, len(text.encode()), case.text, (diagnostic,), root, None, exclusion)


async def run(command: Command, asking: InstructClient, about: CommandRequest) -> None:
    with suppress(InterfixError):  # no answer can be used; what was asked is what counts
        if isinstance(command, EditCommand):
            await command.run(asking, about)
        else:
            async for _ in command.run(asking, about):
                pass


@pytest.mark.slow
@pytest.mark.parametrize("name", COMMANDS)
async def test_no_request_of_a_command_holds_a_secret(name: str, tmp_path: Path) -> None:
    found = []
    for case in SECRET_SAMPLES:
        engine = FakeEngine(respond=echo_code)
        await run(COMMANDS[name], make_instruct_client(engine), make_request(tmp_path, case))
        assert engine.requests
        found += find_leaks(engine, case)
    assert found == []


@pytest.mark.parametrize("name", COMMANDS)
async def test_nor_does_one_about_a_part_of_a_secret(name: str, tmp_path: Path) -> None:
    found = []
    for case in take_share(SECRET_SAMPLES):
        if "\n" in case.secret:
            engine = FakeEngine(respond=echo_code)
            about = make_request(tmp_path, case)
            middle = about.snapshot.data.index(case.secret.split("\n")[1].encode())
            await run(COMMANDS[name], make_instruct_client(engine), make_request(tmp_path, case, middle))
            assert engine.requests
            found += find_leaks(engine, case)
    assert found == []


@pytest.mark.parametrize("name", COMMANDS)
async def test_nor_does_what_why_tells(name: str, tmp_path: Path) -> None:
    for case in take_share(SECRET_SAMPLES[::7]):
        engine = FakeEngine(respond=echo_code)
        with suppress(InterfixError):
            await preview_prompts(COMMANDS[name], make_instruct_client(engine), make_request(tmp_path, case))
        assert engine.requests
        assert [*find_leaks(engine, case)] == []


@pytest.mark.slow
async def test_the_tests_that_are_there_are_shown_without_theirs(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    for case in SECRET_SAMPLES:
        (tmp_path / "tests" / "test_code.py").write_text(f"{case.text}\n\n\ndef test_old():\n    assert True\n" + "# more\n" * 40)
        engine = FakeEngine(respond=echo_code)
        innocent = SecretSample(case.shape, "    pass", case.secret)
        await run(EDIT_COMMANDS["test"], make_instruct_client(engine), make_request(tmp_path, innocent))
        assert [*find_leaks(engine, case)] == []


BODY = """def main():
    client = connect("a", password="{0}")
    other = connect("b", password="{1}")
    return client, other
"""
SECRETS = ("hunter42", "s3cr3t-Dragon#7")


async def refactor_with_secrets(*answers: str) -> tuple[str, tuple[str, ...], FakeEngine]:
    text = BODY.format(*SECRETS)
    engine = FakeEngine(*answers)
    about = CommandRequest(Document("file:///t/code.py", text, 1, "python").snapshot(), 0, len(text), instruction="make it better")
    edit = await EDIT_COMMANDS["refactor"].run(make_instruct_client(engine), about)
    return edit.result.decode(), edit.notes, engine


async def test_an_edit_brings_the_secrets_back_where_they_move_to() -> None:
    masked = BODY.format("xxxxxxx1", "xxxxxxxxxxxxxx2")
    first, client, other, last = masked.splitlines()
    text, notes, engine = await refactor_with_secrets("\n".join(("```python", first, other, client, last, "```")))
    assert masked.strip() in engine.requests[0].messages[1].content
    first, client, other, last = BODY.format(*SECRETS).splitlines()
    assert text.splitlines() == [first, other, client, last]
    assert notes == ()


async def test_an_edit_that_loses_or_repeats_a_secret_says_so() -> None:
    code = BODY.format("xxxxxxx1", "xxxxxxx1").replace("return", "# xxxxxxx1\n    return")
    text, notes, _ = await refactor_with_secrets(f"```python\n{code}```")
    assert text == BODY.format(SECRETS[0], SECRETS[0]).replace("return", f"# {SECRETS[0]}\n    return")
    assert notes == (
        "1 value that was masked in the prompt is no longer in the file.",
        "1 value that was masked in the prompt now stands in more places.",
    )


async def test_an_edit_that_changes_a_masked_value_goes_back_once_and_is_refused() -> None:
    wrong = "```python\n" + BODY.format("xxxxxxx3", "xxxxxxxxxx") + "```"
    with pytest.raises(InterfixError, match="it changes a value that was masked, so that the original cannot be put back"):
        await refactor_with_secrets(wrong, wrong)
    right = BODY.format("xxxxxxx1", "xxxxxxxxxxxxxx2").replace("return", "print()\n    return")
    text, _, engine = await refactor_with_secrets(wrong, f"```python\n{right}```")
    assert text == BODY.format(*SECRETS).replace("return", "print()\n    return")
    assert "a value that was masked" in engine.requests[1].messages[-1].content


async def test_the_rules_judge_what_is_restored() -> None:
    """A secret with a quote in it ends the string that a model has put it into, and so the answer does not parse."""
    text = "def main():\n    return connect(password='Dragon\"77#')\n"
    engine = FakeEngine(*['```python\ndef main():\n    return connect(password="xxxxxxxxx1")\n```'] * 2)
    about = CommandRequest(
        Document("file:///t/code.py", text, 1, "python").snapshot(), 0, len(text), instruction="use double quotes"
    )
    with pytest.raises(InterfixError, match="no longer valid Python"):
        await EDIT_COMMANDS["refactor"].run(make_instruct_client(engine), about)
