"""Writing tests: where they go, what is shown, what is refused, and that they run where the user allows it."""

import os
import sys
from pathlib import Path

import msgspec
import psutil
import pytest

from interfix.commands import new_test_execution
from interfix.commands.command_request import CommandRequest
from interfix.commands.instruct_client import UnusableAnswer
from interfix.commands.write_tests import write_tests
from interfix.config.settings import ContextSettings
from interfix.config.settings_loader import resolve_settings
from interfix.context.exclusion import Exclusion
from interfix.errors import UsageError
from interfix.syntax.document import open_file
from tests.fake_engine import FakeEngine, make_instruct_client

CODE = "def one():\n    return 1\n"
TESTS = "from one import one\n\n\ndef test_one():\n    assert one() == 1"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "pytest.ini").write_text("")
    (tmp_path / "one.py").write_text(CODE)
    (tmp_path / "tests").mkdir()
    return tmp_path


def make_request(root: Path) -> CommandRequest:
    return CommandRequest(open_file(root / "one.py").snapshot(), 0, 3, root=root, exclusion=Exclusion(root, ContextSettings()))


async def test_a_new_file_is_made(root: Path) -> None:
    engine = FakeEngine(f"Here:\n```python\n{TESTS}\n```")
    edit = await write_tests(make_instruct_client(engine), make_request(root))
    assert (edit.is_new_file, edit.result.decode()) == (True, f"{TESTS}\n")
    assert edit.snapshot.path == str(root / "tests" / "test_one.py")
    assert edit.summary == "parses · 1 test · new file"
    asked = engine.requests[0].messages[1].content
    assert "Write tests for `one` into tests/test_one.py with pytest" in asked
    assert "code of one.py" in asked


async def test_the_tests_that_are_there_are_added_to(root: Path) -> None:
    old = "import os\n\n\ndef test_old():\n    assert os\n"
    (root / "tests" / "test_one.py").write_text(old)
    edit = await write_tests(make_instruct_client(FakeEngine(f"```\n{TESTS}\n```")), make_request(root))
    new = "import os\nfrom one import one\n\n\ndef test_old():\n    assert os\n\n\ndef test_one():\n    assert one() == 1\n"
    assert (edit.is_new_file, edit.result.decode(), edit.summary) == (False, new, "parses · 1 test · 2 hunks")


async def test_another_test_file_is_shown_unless_it_is_kept_out(root: Path) -> None:
    (root / "tests" / "test_two.py").write_text("def test_two():\n    assert the_style\n")
    engine = FakeEngine(*[f"```\n{TESTS}\n```"] * 2)
    await write_tests(make_instruct_client(engine), make_request(root))
    (root / ".gitignore").write_text("test_two.py\n")
    await write_tests(make_instruct_client(engine), make_request(root))
    shown = ["the_style" in "".join(piece.text for piece in request.messages[1].context) for request in engine.requests]
    assert shown == [True, False]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("", "holds no code"),
        ("def check_one():\n    assert one() == 1", "no test in it that pytest would find"),
        ("def test_two():\n    assert two() == 2", "does not use one"),
        ("def test_one(:\n    assert one()", "no longer valid Python"),
    ],
)
async def test_what_are_no_tests_is_refused(root: Path, answer: str, reason: str) -> None:
    with pytest.raises(UnusableAnswer, match=reason):
        await write_tests(make_instruct_client(FakeEngine(*[f"```\n{answer}\n```"] * 2)), make_request(root))


async def test_a_test_that_is_there_already_is_not_written_again(root: Path) -> None:
    (root / "tests" / "test_one.py").write_text("def test_one():\n    assert True\n")
    with pytest.raises(UnusableAnswer, match="repeats `def test_one"):
        await write_tests(make_instruct_client(FakeEngine(*[f"```\n{TESTS}\n```"] * 2)), make_request(root))


RUN = f"{sys.executable} -c \"import sys; sys.path.insert(0, '.'); exec(open(sys.argv[1]).read() + '\\ntest_one()')\" {{file}}"


@pytest.mark.parametrize(
    ("expected", "checked"),
    [("1", "parses · 1 test · tests pass · new file"), ("2", "Not all tests pass")],
)
async def test_tests_run_where_the_user_has_set_a_command(root: Path, expected: str, checked: str) -> None:
    answer = TESTS.replace("== 1", f"== {expected}")
    edit = await write_tests(make_instruct_client(FakeEngine(f"```\n{answer}\n```"), test_command=RUN), make_request(root))
    assert checked in edit.summary
    assert sorted(path.name for path in (root / "tests").iterdir()) == []


async def test_a_command_that_is_not_there_is_told(root: Path) -> None:
    edit = await write_tests(
        make_instruct_client(FakeEngine(f"```\n{TESTS}\n```"), test_command="no-such-runner {file}"), make_request(root)
    )
    assert "were not run" in edit.summary


async def test_a_project_that_is_not_trusted_is_not_looked_at(root: Path) -> None:
    situation = msgspec.structs.replace(make_request(root), root=None, exclusion=Exclusion(root, ContextSettings(trusted=False)))
    with pytest.raises(UsageError, match="not trusted"):
        await write_tests(make_instruct_client(FakeEngine()), situation)


def test_a_workspace_cannot_have_a_program_run(root: Path) -> None:
    (root / ".interfix.toml").write_text('commands.test_command = "evil {file}"')
    loaded = resolve_settings(workspace=root, environ={})
    assert loaded.settings.commands.test_command == ""
    assert any("test_command" in problem for problem in loaded.problems)


@pytest.mark.parametrize(
    ("code", "folder", "told"),
    [
        (
            "export function one() {\n  return 1;\n}\n",
            "test/",
            "take what is tested with import { one } from '../lib/one.js'. Answer",
        ),
        (
            "function one() {\n  return 1;\n}\nmodule.exports = { one };\n",
            "",
            "take what is tested with const { one } = require('../lib/one.js'). Answer",
        ),
    ],
)
async def test_how_the_code_is_imported_is_told(code: str, folder: str, told: str, tmp_path: Path) -> None:
    taken = "require" if "module" in code else "await import"
    engine = FakeEngine(f"```\nconst {{ one }} = {taken}('../lib/one.js');\ntest('one', () => {{ one(); }});\n```")
    (tmp_path / folder).mkdir(exist_ok=True)
    await write_tests(make_instruct_client(engine), write_javascript_tests(tmp_path, code))
    assert told in engine.requests[0].messages[1].content


@pytest.mark.parametrize("taken", ["", "import { one } from '../lib/two';\n", "import one from 'node:one.js'\n"])
async def test_tests_that_do_not_import_what_they_test_are_refused(taken: str, tmp_path: Path) -> None:
    answer = f"```\n{taken}test('one', () => {{ one(); }});\n```"
    with pytest.raises(UnusableAnswer, match=r"does not import what it tests: `import \{ one \} from '../lib/one\.js'`"):
        await write_tests(
            make_instruct_client(FakeEngine(answer, answer)),
            write_javascript_tests(tmp_path, "export function one() {\n  return 1;\n}\n"),
        )


def write_javascript_tests(root: Path, code: str) -> CommandRequest:
    (root / "package.json").write_text('{"scripts": {"test": "node --test"}}')
    (root / "lib").mkdir()
    (root / "lib" / "one.js").write_text(code)
    at = code.index("one")
    return CommandRequest(
        open_file(root / "lib" / "one.js").snapshot(), at, at, root=root, exclusion=Exclusion(root, ContextSettings())
    )


OWN = ("test_interfix_one.py", "test_one_interfix.py", ".test_one.py.interfix", "interfix_test_one.py")


@pytest.mark.parametrize("kind", ["file", "link", "FIFO"])
async def test_a_trial_touches_nothing_of_the_users(root: Path, tmp_path_factory: pytest.TempPathFactory, kind: str) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "mine.py"
    elsewhere.write_text("mine\n")
    for name in OWN:
        path = root / "tests" / name
        match kind:
            case "file":
                path.write_text("mine\n")
            case "link":
                path.symlink_to(elsewhere)
            case "FIFO":
                os.mkfifo(path)
    edit = await write_tests(make_instruct_client(FakeEngine(f"```\n{TESTS}\n```"), test_command=RUN), make_request(root))
    assert "tests pass" in edit.summary
    assert sorted(path.name for path in (root / "tests").iterdir()) == sorted(OWN)
    assert elsewhere.read_text() == "mine\n"
    if kind == "file":
        assert {(root / "tests" / name).read_text() for name in OWN} == {"mine\n"}


@pytest.mark.parametrize("linked", ["folder", "file"])
async def test_tests_do_not_go_through_a_link_out_of_the_workspace(
    root: Path, tmp_path_factory: pytest.TempPathFactory, linked: str
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    if linked == "folder":
        (root / "tests").rmdir()
        (root / "tests").symlink_to(elsewhere)
    else:
        (elsewhere / "profile").write_text("mine\n")
        (root / "tests" / "test_one.py").symlink_to(elsewhere / "profile")
    with pytest.raises(UsageError, match="link out of the workspace"):
        await write_tests(make_instruct_client(FakeEngine(f"```\n{TESTS}\n```"), test_command=RUN), make_request(root))
    assert [path.name for path in elsewhere.iterdir()] == ([] if linked == "folder" else ["profile"])


@pytest.mark.parametrize("command", ["'unclosed {file}", "a\0b {file}", "/ {file}", "{file}"])
async def test_a_command_that_is_none_is_told(root: Path, command: str) -> None:
    edit = await write_tests(make_instruct_client(FakeEngine(f"```\n{TESTS}\n```"), test_command=command), make_request(root))
    assert "were not run" in edit.summary


async def test_what_the_tests_start_ends_with_their_time(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(new_test_execution, "TIMEOUT_SECONDS", 1)
    command = f"sh -c 'sleep 600 & echo $! > {root}/pid; sleep 600 # {{file}}'"
    edit = await write_tests(make_instruct_client(FakeEngine(f"```\n{TESTS}\n```"), test_command=command), make_request(root))
    assert "did not end within" in edit.summary
    pid = int((root / "pid").read_text())
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
