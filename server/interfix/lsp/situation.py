"""What a command is asked about, from an editor's arguments and what the session knows. Runs nothing."""

from pathlib import Path

import msgspec
from lsprotocol import types

from interfix.commands.asking import Asking
from interfix.commands.situation import Diagnostic, Situation
from interfix.lsp import convert
from interfix.lsp.selection import Range, selected
from interfix.lsp.session import Session
from interfix.syntax.document import Snapshot, open_file


class Reported(msgspec.Struct, frozen=True):
    """LSP's diagnostic, as far as it is of use."""

    range: Range
    """Where."""
    message: str
    """What."""
    source: str | None = None
    """Who says so."""


class Arguments(msgspec.Struct, frozen=True):
    """What a command is given."""

    uri: str
    """The open document."""
    range: Range
    """The selection."""
    instruction: str = ""
    """What is to change, in the user's words."""
    question: str = ""
    """What the user wants to know."""
    diagnostics: tuple[Reported, ...] = ()
    """What is known to be wrong there, whatever server reported it."""
    name: str = ""
    """For `interfix.run`: the command's name."""
    version: int | None = None
    """The version of the document the range is of; none: the newest."""
    apply: bool = False
    """Whether the server is to have the edit made, for editors that do not take it from the result."""
    show: bool = False
    """Whether the server is to have the answer shown, for editors that do not take it from the result."""
    token: int | str | None = None
    """Where to stream an answer to, or to show that work is under way."""


def situation(session: Session, arguments: Arguments) -> Situation:
    """Raises `BadUsage` where the document is not open, `Stale` where it is not the version meant."""
    snapshot, start, end = selected(session, arguments.uri, arguments.range)
    if arguments.version not in (None, snapshot.version):
        raise convert.Stale("The document has changed since; ask again.")
    root = session.root(snapshot)
    workspace = session.workspaces.of(root)
    trusted = workspace is not None and workspace.exclusion.trusted
    return Situation(
        snapshot,
        start,
        end,
        words=arguments.instruction or arguments.question,
        diagnostics=tuple(_diagnostic(session, snapshot, each) for each in arguments.diagnostics),
        root=root if trusted else None,
        index=workspace.index if workspace is not None and trusted else None,
        exclusion=workspace.exclusion if workspace is not None else None,
        open=lambda path: opened(session, path),
    )


async def asking(session: Session) -> Asking:
    """Who answers. Raises `RoleRefused` or `Unavailable` where there is nobody."""
    return Asking(session.engine, await session.supply.instruct(), session.settings)


def opened(session: Session, path: Path) -> Snapshot:
    """A file as it stands in the editor, or else on the disk. Raises `BadUsage` where it cannot be read."""
    snapshots = (document.snapshot() for document in session.documents.values())
    return next((each for each in snapshots if each.path == str(path)), None) or open_file(path).snapshot()


def _diagnostic(session: Session, snapshot: Snapshot, each: Reported) -> Diagnostic:
    start, end = (
        convert.offset(snapshot, types.Position(at.line, at.character), session.encoding)
        for at in (each.range.start, each.range.end)
    )
    return Diagnostic(start, max(start, end), each.message, each.source or "")
