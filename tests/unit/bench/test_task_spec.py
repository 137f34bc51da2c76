"""The tasks of `tests.bench command-quality` are sound: each can be done as it is checked, and is not done by doing nothing."""

import asyncio
from pathlib import Path

import msgspec
import pytest

from interfix.commands.edit_hunks import CheckedEdit
from interfix.commands.registry import EDIT_COMMANDS
from interfix.syntax.document import open_file
from tests.bench.edit_checks import breaks_parse, changes_outside, loses_lines
from tests.bench.program_runner import ToolchainMissing, program_passes, suite_passes
from tests.bench.task_runner import TaskResult, is_correct, run_task
from tests.bench.task_spec import TASKS_DIR, EditTask, ExplainTask, find_definition, load_tasks
from tests.fake_engine import FakeEngine, make_instruct_client

ALL = load_tasks()
EDIT_TASKS = [task for task in ALL if isinstance(task, EditTask)]
EXPLAIN_TASKS = [task for task in ALL if isinstance(task, ExplainTask)]
CHANGES = [task for task in EDIT_TASKS if task.command != "test"]


def skip_if_unchecked(outcome: TaskResult) -> None:
    """Where the language's compiler or interpreter is not here, nothing is shown; `says` names it."""
    if outcome.right is None:
        pytest.skip(outcome.says)


def test_there_are_enough_in_enough_languages() -> None:
    assert len(EDIT_TASKS) >= 40
    assert len(EXPLAIN_TASKS) >= 20
    assert len({task.id for task in ALL}) == len(ALL)
    assert {Path(task.source).suffix for task in ALL} == {".py", ".js", ".c", ".lua", ".rs"}
    assert {task.command for task in EDIT_TASKS} == set(EDIT_COMMANDS)


@pytest.mark.parametrize("source", sorted({task.source for task in ALL}))
def test_each_source_is_sound_and_each_definition_is_found(source: str) -> None:
    snapshot = open_file(TASKS_DIR / source).snapshot()
    assert snapshot.count_errors() == 0
    for task in ALL:
        if task.source == source:
            scope = find_definition(snapshot, task.at)
            assert 1 < snapshot.lines.find_line(scope.end) - snapshot.lines.find_line(scope.start) < 80


@pytest.mark.parametrize("task", EDIT_TASKS, ids=lambda task: task.id)
async def test_what_somebody_who_can_would_write_is_verified_and_right(task: EditTask, tmp_path: Path) -> None:
    answer = f"```\n{task.reference.strip(chr(10))}\n```"
    outcome = await run_task(task, make_instruct_client(FakeEngine(answer)), tmp_path)
    assert (outcome.verified, outcome.verified_first, outcome.broken) == (True, True, ""), outcome.says
    skip_if_unchecked(outcome)
    assert (outcome.right, outcome.right_first) == (True, True), outcome.says


@pytest.mark.parametrize("task", CHANGES, ids=lambda task: task.id)
async def test_the_code_as_it_was_is_not_right(task: EditTask, tmp_path: Path) -> None:
    file = tmp_path / task.source
    file.write_text(task.source_text)
    try:
        assert not await is_correct(task, CheckedEdit(open_file(file).snapshot(), ()), tmp_path)
    except ToolchainMissing as missing:
        pytest.skip(f"{missing} is not here")


@pytest.mark.parametrize("task", [task for task in EDIT_TASKS if task.command == "test"], ids=lambda task: task.id)
async def test_a_test_that_cannot_fail_is_not_right(task: EditTask, tmp_path: Path) -> None:
    assert all(old in task.source_text and old != new for old, new in task.mutants)
    idle = {
        ".py": f"from {Path(task.source).stem} import {task.at}\n\n\ndef test_it():\n    assert {task.at} is not None",
        ".js": f"const test = require('node:test');\ntest('it', () => {{ require('../{task.source}').{task.at}.length; }});",
        ".rs": f"#[cfg(test)]\nmod tests {{\n    #[test]\n    fn it() {{\n        let _ = super::{task.at};\n    }}\n}}",
    }[Path(task.source).suffix]
    outcome = await run_task(task, make_instruct_client(FakeEngine(f"```\n{idle}\n```")), tmp_path)
    assert outcome.verified, outcome.says
    skip_if_unchecked(outcome)
    assert outcome.right is False, outcome.says


async def test_what_the_repair_turn_adds_is_told_apart(tmp_path: Path) -> None:
    task = next(task for task in EDIT_TASKS if task.id == "intervals-merge-fix")
    right = f"```\n{task.reference}\n```"
    outcome = await run_task(task, make_instruct_client(FakeEngine("```\ndef other():\n    pass\n```", right)), tmp_path)
    assert (outcome.verified_first, outcome.verified, outcome.right_first, outcome.right) == (False, True, False, True)
    assert [ask.answer for ask in outcome.asks][1] == right
    assert msgspec.json.decode(msgspec.json.encode(outcome), type=type(outcome)) == outcome


async def test_an_explanation_says_what_matters_or_does_not(tmp_path: Path) -> None:
    task = next(task for task in EXPLAIN_TASKS if task.id == "intervals.py:merge")
    for text, right in (
        ("It sorts them and joins each with the last one where they overlap.", True),
        ("It does something.", False),
    ):
        assert (await run_task(task, make_instruct_client(FakeEngine(text)), tmp_path)).right is right


@pytest.mark.parametrize(
    ("before", "after", "left"),
    [
        ("a\n# says f\ndef f():\n    1\nb\n", "a\n# new\ndef f():\n    2\nb\n", False),
        ("a\ndef f():\n    1\nb\n", "from x import (\n    y,\n)\na\ndef f():\n    2\n\nb\n", False),
        ("a\ndef f():\n    1\nb\n", "c\na\ndef f():\n    2\nb\n", True),
        ("a\ndef f():\n    1\nb\n", "def f():\n    2\nb\n", True),
        ("a\ndef f():\n    1\nb\n", "a\ndef f():\n    2\nc\n", True),
    ],
)
def test_an_edit_that_leaves_its_range_is_seen(before: str, after: str, left: bool) -> None:
    first = before.splitlines().index("def f():")
    assert changes_outside(before, after, first, first + 1) is left


def test_where_something_is_added_nothing_may_go() -> None:
    assert not loses_lines("a\nb\n", "a\nnew\nb\n")
    assert loses_lines("a\nb\n", "a\nnew\n")


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("a.py", "x = 1\n", "x = (\n"),
        ("a.js", "let x = 1;\n", "let x = ;\n"),
        ("a.lua", "local x = 1\n", "local x = \n"),
        ("a.c", "int x = 1;\n", "int x = ;\n"),
        ("a.rs", "const X: u8 = 1;\n", "const X: u8 = ;\n"),
    ],
)
async def test_code_that_does_not_parse_is_seen(name: str, good: str, bad: str, tmp_path: Path) -> None:
    for text, broken in ((good, False), (bad, True)):
        (tmp_path / name).write_text(text)
        assert await breaks_parse(tmp_path / name) is broken


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.py", "assert {}"),
        ("a.js", "if (!{}) process.exit(1)"),
        ("a.c", "int main(void) {{ return !({}); }}"),
        ("a.lua", "assert({})"),
        ("a.rs", "fn main() {{ assert!({}); }}"),
    ],
)
async def test_code_that_fails_is_told_from_code_that_works(name: str, text: str, tmp_path: Path) -> None:
    for value in ("1 == 1", "1 == 2"):
        (tmp_path / name).write_text(text.format(f"({value})"))
        try:
            assert await program_passes(tmp_path / name) is (value == "1 == 1")
        except ToolchainMissing as missing:
            pytest.skip(f"{missing} is not here")


async def test_code_that_nothing_runs_is_named(tmp_path: Path) -> None:
    with pytest.raises(ToolchainMissing, match=r"something to run \.unknown with"):
        await program_passes(tmp_path / "a.unknown")


async def test_tests_are_run(tmp_path: Path) -> None:
    for value, expected in (("1", True), ("2", False)):
        file = tmp_path / f"test_{value}.py"
        file.write_text(f"def test_it():\n    assert 1 == {value}\n")
        assert await asyncio.wait_for(suite_passes(file, tmp_path), 60) is expected
