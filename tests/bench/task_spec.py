"""The tasks of `command_quality` as they stand under tasks/: a source and, beside it, what is asked of it."""

import hashlib
from pathlib import Path
from typing import TypeVar

import msgspec

from interfix.commands.command_files import load_builtin_commands
from interfix.errors import UsageError
from interfix.syntax.document import Snapshot
from interfix.syntax.enclosing_scopes import Scope, find_scopes

TASKS_DIR = Path(__file__).with_name("tasks")


class TaskBase(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every task has."""

    at: str
    """The definition it is about."""
    source: str = ""
    """The file under tasks/ that defines it; written once, at the top of the sheet."""
    project: dict[str, str] = {}
    """Other files of its project, text by name; from the top of the sheet as well."""

    @property
    def source_text(self) -> str:
        """The source."""
        return (TASKS_DIR / self.source).read_text(encoding="utf-8")

    @property
    def fingerprint(self) -> str:
        """Another one where the task or its source has changed, so that an old outcome is not taken for one of this task."""
        return hashlib.sha256(msgspec.json.encode((self, self.source_text))).hexdigest()[:12]


class EditTask(TaskBase, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something to change."""

    id: str
    """Its name."""
    command: str = "refactor"
    """The command's name."""
    menu: str = ""
    """The refactoring of the menu that it is; empty: none."""
    words: str = ""
    """What is asked for in words."""
    check: str = ""
    """Code that runs behind the edited text and has to end well."""
    has: tuple[str, ...] = ()
    """Patterns that the edited text has to have."""
    lacks: tuple[str, ...] = ()
    """Patterns that it must not have."""
    mutants: tuple[tuple[str, str], ...] = ()
    """For tests: what to put for what in the source, each a defect that they have to notice."""
    reference: str
    """The definition, or the tests, as somebody who knows how would write it: proves that the task can be done as it is checked."""

    @property
    def instruction(self) -> str:
        """The words, or those of the menu."""
        return next(each.instruction for each in load_builtin_commands() if each.name == self.menu) if self.menu else self.words


class ExplainTask(TaskBase, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Something to explain."""

    says: tuple[str, ...]
    """Patterns of which a good explanation has most: words that somebody who has read the code would use."""

    @property
    def id(self) -> str:
        """Its name."""
        return f"{self.source}:{self.at}"

    @property
    def command(self) -> str:
        """The command's name."""
        return "explain"


BenchTask = EditTask | ExplainTask
_TaskT = TypeVar("_TaskT", EditTask, ExplainTask)


class TaskSheet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of tasks."""

    source: str
    """The source they are about, in the same folder."""
    project: dict[str, str] = {}
    """Other files of its project."""
    edit: tuple[EditTask, ...] = ()
    """What is to be changed."""
    explanation: tuple[ExplainTask, ...] = ()
    """What is to be explained."""


def load_tasks() -> tuple[BenchTask, ...]:
    """All tasks, the edits first."""
    sheets = [msgspec.toml.decode(path.read_bytes(), type=TaskSheet) for path in sorted(TASKS_DIR.glob("*.toml"))]
    edits = [_add_sheet_fields(task, sheet) for sheet in sheets for task in sheet.edit]
    return (*edits, *(_add_sheet_fields(task, sheet) for sheet in sheets for task in sheet.explanation))


def find_definition(snapshot: Snapshot, name: str) -> Scope:
    """The definition of a name. Raises `UsageError` where there is none."""
    for scope in find_scopes(snapshot, 0, len(snapshot.data)):
        if scope.name == name:
            return scope
    raise UsageError(f"{Path(snapshot.path).name} defines no {name}.")


def _add_sheet_fields(task: _TaskT, sheet: TaskSheet) -> _TaskT:
    return msgspec.structs.replace(task, source=sheet.source, project=sheet.project)
