"""The tasks of `bench commands` as they stand under tasks/: a source and, beside it, what is asked of it. Does none of them."""

import hashlib
from pathlib import Path
from typing import TypeVar

import msgspec

from interfix.commands.own import menu
from interfix.errors import BadUsage
from interfix.syntax.document import Snapshot
from interfix.syntax.scopes import Scope, scopes_in

TASKS = Path(__file__).with_name("tasks")


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What every task has."""

    at: str
    """The definition it is about."""
    source: str = ""
    """The file under tasks/ that defines it; written once, at the top of the sheet."""
    project: dict[str, str] = {}
    """Other files of its project, text by name; from the top of the sheet as well."""

    @property
    def text(self) -> str:
        """The source."""
        return (TASKS / self.source).read_text(encoding="utf-8")

    @property
    def fingerprint(self) -> str:
        """Another one where the task or its source has changed, so that an old outcome is not taken for one of this task."""
        return hashlib.sha256(msgspec.json.encode((self, self.text))).hexdigest()[:12]


class EditTask(Asked, frozen=True, forbid_unknown_fields=True, kw_only=True):
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
        return next(each.words for each in menu() if each.name == self.menu) if self.menu else self.words


class ExplainTask(Asked, frozen=True, forbid_unknown_fields=True, kw_only=True):
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


Task = EditTask | ExplainTask
_Any = TypeVar("_Any", EditTask, ExplainTask)


class Sheet(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One file of tasks."""

    source: str
    """The source they are about, in the same folder."""
    project: dict[str, str] = {}
    """Other files of its project."""
    edit: tuple[EditTask, ...] = ()
    """What is to be changed."""
    explanation: tuple[ExplainTask, ...] = ()
    """What is to be explained."""


def tasks() -> tuple[Task, ...]:
    """All tasks, the edits first."""
    sheets = [msgspec.toml.decode(path.read_bytes(), type=Sheet) for path in sorted(TASKS.glob("*.toml"))]
    edits = [_of(task, sheet) for sheet in sheets for task in sheet.edit]
    return (*edits, *(_of(task, sheet) for sheet in sheets for task in sheet.explanation))


def definition(snapshot: Snapshot, name: str) -> Scope:
    """The definition of a name. Raises `BadUsage` where there is none."""
    for scope in scopes_in(snapshot, 0, len(snapshot.data)):
        if scope.name == name:
            return scope
    raise BadUsage(f"{Path(snapshot.path).name} defines no {name}.")


def _of(task: _Any, sheet: Sheet) -> _Any:
    return msgspec.structs.replace(task, source=sheet.source, project=sheet.project)
