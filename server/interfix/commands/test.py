"""Writes tests for code in the project's own framework and folder. Writes no file itself."""

from pathlib import Path

from interfix.commands import room, running
from interfix.commands.asking import Asking
from interfix.commands.edit import Edit
from interfix.commands.editing import Task, edited
from interfix.commands.frameworks import Home, home
from interfix.commands.joining import holders, joined
from interfix.commands.prompts import fenced, masker_for, prompt
from interfix.commands.rules.around import around
from interfix.commands.rules.code import code
from interfix.commands.rules.layout import layout
from interfix.commands.rules.parses import parses
from interfix.commands.rules.reach import reach
from interfix.commands.rules.tests import joins, takes, tests_of
from interfix.commands.selection import Selection, meant
from interfix.commands.situation import Situation
from interfix.commands.surroundings import surroundings
from interfix.errors import BadUsage, InterfixError
from interfix.masking import Masker, mask
from interfix.syntax.document import Document, Snapshot
from interfix.system.open_folder import lies_within
from interfix.values import Message, Piece

_EXAMPLE_LINES = 30
"""Lines of another test file that are shown."""


async def write_tests(asking: Asking, situation: Situation) -> Edit:
    """Tests for what the selection means (see `meant`), as a new file or among those that the file has already.

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
    if not lies_within(place.path, situation.root or path.parent):
        raise BadUsage(f"The tests of {path.name} would go to {place.path}, a link out of the workspace; remove it first.")
    target = _target(place, situation)
    rules = [code, reach, parses, joins(place.framework), around, layout, tests_of(place.framework, selection.names())]
    if place.framework.takes:
        rules.append(takes(path.stem, _taking(place, selection)))
    masker = masker_for(selection, situation.words)
    task = Task(
        _messages(asking, situation, selection, place, target, masker),
        masker,
        lambda answer: joined(answer, target, place.framework),
        rules,
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


def _messages(
    asking: Asking, situation: Situation, selection: Selection, place: Home, target: Snapshot, masker: Masker
) -> tuple[Message, ...]:
    turns = prompt("test")
    root = situation.root or place.path.parent
    path = Path(situation.snapshot.path)
    test_path = place.path.relative_to(root).as_posix() if place.path.is_relative_to(root) else place.path.name
    holder = next(iter(holders(target, place.framework)), None)
    names = " and ".join(f"`{name}`" for name in list(selection.names())[:3]) or "this code"
    text = turns["user"].substitute(
        language=selection.language,
        place=selection.place,
        code=fenced(selection.code, selection.language),
        path=path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name,
        test_path=test_path + (f", into its {place.framework.inside} `{holder.name}`," if holder else ""),
        framework=place.framework.says.replace("{taking}", _taking(place, selection)),
        names=names,
    )
    system, asked = masker.mask(turns["system"].substitute()), masker.mask(text)
    shown = surroundings(situation, selection, room.for_context(selection, asking.settings, writes=True), masker)
    return Message("system", system), Message("user", asked, (*_example(place, situation, masker), *shown))


def _taking(place: Home, selection: Selection) -> str:
    """How tests import what the selection is, or stands in."""
    names = [*(scope.name for scope in selection.around()), *selection.names(), "…"]
    return place.taking(names[0], Path(selection.snapshot.path), selection.snapshot.text)


def _example(place: Home, situation: Situation, masker: Masker) -> tuple[Piece, ...]:
    """The beginning of the tests that are there, or else of another test file, if it may be shown."""
    there = place.path if place.exists and place.path != Path(situation.snapshot.path) else None
    path, says = (there, "The tests that are there already:") if there else (place.example, "How tests look in this project:")
    if path is None or not path.is_file() or situation.exclusion is None or situation.exclusion.refusal(path):
        return ()
    try:
        text = situation.open(path).text
    except InterfixError:
        return ()
    head = "\n".join(mask(text).splitlines()[:_EXAMPLE_LINES])
    return (Piece("tests", masker.mask(f"{says}\n{fenced(head, '')}"), path.name),)
