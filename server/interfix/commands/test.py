"""Writes tests for code in the project's own framework and folder. Writes no file itself."""

from pathlib import Path

from interfix.commands import room, running
from interfix.commands.answer import code_in
from interfix.commands.asking import Asking
from interfix.commands.edit import Edit, Hunk
from interfix.commands.editing import Task, edited
from interfix.commands.frameworks import Home, home
from interfix.commands.imports import lifted
from interfix.commands.placing import after
from interfix.commands.prompts import fenced, prompt
from interfix.commands.rules import Proposal
from interfix.commands.rules.around import around
from interfix.commands.rules.code import code
from interfix.commands.rules.layout import layout
from interfix.commands.rules.parses import parses
from interfix.commands.rules.reach import reach
from interfix.commands.rules.tests import tests_of
from interfix.commands.selection import Selection, meant
from interfix.commands.situation import Situation
from interfix.commands.surroundings import surroundings
from interfix.context.exclusion import masked
from interfix.errors import BadUsage, InterfixError
from interfix.syntax.document import Document, Snapshot
from interfix.values import Message, Piece

_EXAMPLE_LINES = 30
"""Lines of another test file that are shown."""


async def write_tests(asking: Asking, situation: Situation) -> Edit:
    """Tests for what the selection means (see `meant`), as a new file or at the end of the one that has the file's tests already.

    Raises `BadUsage` where there is no code or no file, `Unusable` where no answer can be trusted, and what the engine raises.
    """
    selection = meant(situation.snapshot, situation.start, situation.end)
    snapshot = situation.snapshot
    if not snapshot.path or not snapshot.language:
        raise BadUsage("Tests belong into a file beside the code; save it first, under a name that tells its language.")
    if situation.exclusion is not None and not situation.exclusion.trusted:
        raise BadUsage("Tests need a look at the project, and this workspace is not trusted (context.trusted).")
    room.single(selection, asking.settings)
    path = Path(snapshot.path)
    place = home(path, snapshot.language.id, situation.root)
    target = _target(place, situation)
    task = Task(
        _messages(asking, situation, selection, place),
        lambda answer: _placed(answer, target),
        (code, reach, parses, around, layout, tests_of(place.framework, selection.names())),
        asking.settings.commands.test,
    )
    edit = await edited(asking, task)
    edit = Edit(edit.snapshot, edit.hunks, edit.checks, edit.notes, edit.answer, creates=not target.data and not place.exists)
    return await running.ran(edit, place.path, situation.root, asking.settings.commands.test_command)


def _target(place: Home, situation: Situation) -> Snapshot:
    """The test file as it is, in the editor or on the disk; an empty one where there is none."""
    if place.path == Path(situation.snapshot.path):
        return situation.snapshot
    return situation.open(place.path) if place.exists else Document(place.path.as_uri(), "").snapshot()


def _messages(asking: Asking, situation: Situation, selection: Selection, place: Home) -> tuple[Message, ...]:
    turns = prompt("test")
    root = situation.root or place.path.parent
    path = Path(situation.snapshot.path)
    names = " and ".join(f"`{name}`" for name in list(selection.names())[:3]) or "this code"
    text = turns["user"].substitute(
        language=selection.language,
        place=selection.place,
        code=fenced(selection.code, selection.language),
        path=path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name,
        test_path=place.path.relative_to(root).as_posix() if place.path.is_relative_to(root) else place.path.name,
        framework=place.framework.says,
        names=names,
    )
    shown = surroundings(situation, selection, room.for_context(selection, asking.settings, writes=True))
    return Message("system", turns["system"].substitute()), Message("user", text, (*_example(place, situation), *shown))


def _example(place: Home, situation: Situation) -> tuple[Piece, ...]:
    """The beginning of another test file, if it may be shown."""
    if place.example is None or situation.exclusion is None or situation.exclusion.refusal(place.example):
        return ()
    try:
        text = situation.open(place.example).text
    except InterfixError:
        return ()
    head = "\n".join(text.splitlines()[:_EXAMPLE_LINES])
    return (Piece("tests", f"How tests look in this project:\n{fenced(masked(head)[0], '')}", place.example.name),)


def _placed(answer: str, target: Snapshot) -> Proposal:
    """The answer at the end of the test file, its imports with the file's own."""
    end = len(target.data)
    selection = Selection(target, end, end)
    written, added = code_in(answer, ""), tuple[Hunk, ...]()
    if target.data.strip():
        written, added = lifted(written, selection)
    newline = target.newline
    gap = "" if not target.data else newline * (2 if target.data.endswith((b"\n", b"\r")) else 3)
    text = f"{gap}{written.strip(chr(10))}\n".replace("\n", newline) if written.strip() else ""
    changed = (*added, Hunk(end, end, text))
    return Proposal(selection, after(selection, changed), changed)
