"""Which file somebody is likely to go to next: one whose import they have just written, the one they came from, the tests."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from interfix.commands.testing_frameworks import locate_test_file
from interfix.completion.prompt_read_ahead import CursorPlace, ReadAhead
from interfix.context.display_paths import make_display_path
from interfix.context.sources.module_resolution import resolve_import
from interfix.context.workspace_reader import Workspace
from interfix.errors import UsageError
from interfix.syntax.imports import parse_imports
from interfix.syntax.snapshot import Snapshot

if TYPE_CHECKING:
    from interfix.lsp.session import Session


def create_read_ahead(session: "Session") -> ReadAhead:
    """What reads ahead for a session, by its settings of now."""
    list_next = partial(list_likely_places, session.workspaces.find)
    return ReadAhead(session.engine, session.settings.completion, session.gatherer, session.models.get_base, list_next)


def list_likely_places(find_workspace: Callable[[Path | None], Workspace | None], cursor: CursorPlace) -> list[CursorPlace]:
    """Places in other files of the workspace, as far as these may be shown, the likeliest first.

    Each is where its user was last, else the end. Reads files: for a thread. `find_workspace` knows the workspace of a root.
    """
    if (workspace := find_workspace(cursor.root)) is None:
        return []
    path = make_display_path(cursor.snapshot, workspace.root)
    places: dict[str, CursorPlace] = {}
    for candidate, line in _list_candidates(cursor.snapshot, path, workspace):
        if candidate != path and candidate not in places and (snapshot := workspace.read(candidate)) is not None:
            last = len(snapshot.lines) - 1 if line is None else min(line, len(snapshot.lines) - 1)
            places[candidate] = CursorPlace(snapshot, snapshot.lines.find_end(snapshot.data, last), workspace.root)
    return list(places.values())


def _list_candidates(snapshot: Snapshot, path: str, workspace: Workspace) -> Iterator[tuple[str, int | None]]:
    """Files relative to the workspace and the line of the cursor there, where it is known, the likeliest first."""
    edited = [range(edit.first_line, edit.last_line + 1) for edit in workspace.recent_locations.list_edits() if edit.path == path]
    for each in parse_imports(snapshot) if edited else ():
        if any(snapshot.lines.find_line(each.start) in lines for lines in edited):
            yield from ((file, None) for file in resolve_import(each, snapshot, path, workspace))
    for visit in workspace.recent_locations.list_visits():
        if visit.path != path:
            yield visit.path, visit.last_line
            break
    if (tests := _find_tests(snapshot, workspace.root)) is not None:
        yield tests.as_posix(), None


def _find_tests(snapshot: Snapshot, root: Path) -> Path | None:
    """The file with the tests of a file, relative to the workspace."""
    path = Path(snapshot.path)
    if snapshot.language is None or not path.is_relative_to(root):
        return None
    try:
        target = locate_test_file(path, snapshot.language.id, root)
    except UsageError:
        return None
    return target.path.relative_to(root) if target.exists and target.path.is_relative_to(root) else None
