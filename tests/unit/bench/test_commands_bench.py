"""The tasks of `interfix bench commands` are sound: each finds its definition, and its check passes and fails where it should."""

import asyncio
import re
from collections import Counter
from pathlib import Path

import pytest

from interfix.bench.commands import TASKS, EditTask, definition, edit_tasks, explain_tasks
from interfix.bench.trying import tried
from interfix.commands.registry import EDITS
from interfix.commands.selection import meant
from interfix.syntax.document import open_file

EDITS_OF_COMMENTS = [task for task in edit_tasks() if task.command == "document" or "comments" in task.id]


def test_there_are_enough_in_enough_languages() -> None:
    assert len(edit_tasks()) >= 40
    assert len(explain_tasks()) >= 20
    assert len({task.id for task in edit_tasks()}) == len(edit_tasks())
    assert len({Path(task.source).suffix for task in edit_tasks()}) == 5
    assert set(Counter(task.command for task in edit_tasks())) == set(EDITS)


@pytest.mark.parametrize("task", [*edit_tasks(), *explain_tasks()], ids=lambda task: task.id)
def test_each_task_finds_its_definition_in_a_sound_source(task: EditTask) -> None:
    snapshot = open_file(TASKS / "sources" / task.source).snapshot()
    assert snapshot.errors() == 0
    selection = meant(snapshot, *definition(snapshot, task.at))
    assert task.at.split(".")[-1] in selection.code
    assert len(selection.code.splitlines()) > 1


@pytest.mark.parametrize("file", sorted((TASKS / "sources").iterdir()), ids=lambda file: file.name)
def test_each_source_names_its_origin_and_licence(file: Path) -> None:
    if file.name != "LICENSES.md":
        assert re.search(r"From .+ Licence: (MIT|Apache-2\.0)\.", file.read_text().split("\n")[0])
        assert f"`{file.name}`" in (TASKS / "sources" / "LICENSES.md").read_text()


@pytest.mark.parametrize("task", EDITS_OF_COMMENTS, ids=lambda task: task.id)
async def test_checks_of_comments_pass_on_the_code_as_it_is(task: EditTask, tmp_path: Path) -> None:
    if task.source.endswith(".zig"):
        pytest.skip("compiling takes longer than a unit test may")
    file = tmp_path / task.source
    file.write_text(f"{(TASKS / 'sources' / task.source).read_text()}\n{task.check}\n")
    assert await tried(file) is not False


async def test_code_that_fails_is_told_from_code_that_works(tmp_path: Path) -> None:
    sources = {"a.py": "assert {}", "b.js": "if (!{}) process.exit(1)", "c.c": "int main(void) {{ return !({}); }}"}
    for name, text in sources.items():
        for value in ("1 == 1", "1 == 2"):
            file = tmp_path / name
            file.write_text(text.format(f"({value})"))
            assert await tried(file) in ((value == "1 == 1"), None)
    assert await tried(tmp_path / "d.unknown") is None


async def test_tests_are_run(tmp_path: Path) -> None:
    for value, passes in (("1", True), ("2", False)):
        file = tmp_path / f"test_{value}.py"
        file.write_text(f"def test_it():\n    assert 1 == {value}\n")
        assert await asyncio.wait_for(tried(file, tests=True), 60) is passes
