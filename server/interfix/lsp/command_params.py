"""What a command is asked about, from an editor's arguments and what the session knows."""

from pathlib import Path

import msgspec
from lsprotocol import types

from interfix.commands.command_request import CommandRequest, Diagnostic
from interfix.commands.instruct_client import InstructClient
from interfix.lsp import converters
from interfix.lsp.range_argument import Range, resolve_range
from interfix.lsp.session import Session
from interfix.syntax.document import Snapshot, open_file


class DiagnosticParams(msgspec.Struct, frozen=True):
    """LSP's diagnostic, as far as it is of use."""

    range: Range
    """Where."""
    message: str
    """What."""
    source: str | None = None
    """Who says so."""
    code: int | str | None = None
    """Its kind, as the source names it."""


class CommandArguments(msgspec.Struct, frozen=True):
    """What a command is given."""

    uri: str
    """The open document."""
    range: Range
    """The selection."""
    instruction: str = ""
    """What is to change, in the user's words."""
    question: str = ""
    """What the user wants to know."""
    diagnostics: tuple[DiagnosticParams, ...] = ()
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


def build_selection_request(session: Session, arguments: CommandArguments) -> CommandRequest:
    """Raises `UsageError` where the document is not open, `StaleDocument` where it is not the version meant."""
    snapshot, start, end = resolve_range(session, arguments.uri, arguments.range)
    if arguments.version not in (None, snapshot.version):
        raise converters.StaleDocument("The document has changed since; ask again.")
    root = session.find_root(snapshot)
    workspace = session.workspaces.find(root)
    trusted = workspace is not None and workspace.exclusion.trusted
    return CommandRequest(
        snapshot,
        start,
        end,
        instruction=arguments.instruction or arguments.question,
        diagnostics=tuple(_convert_diagnostic(session, snapshot, each) for each in arguments.diagnostics),
        root=root if trusted else None,
        index=workspace.index if workspace is not None and trusted else None,
        exclusion=workspace.exclusion if workspace is not None else None,
        read_file=lambda path: read_document(session, path),
    )


async def create_instruct_client(session: Session) -> InstructClient:
    """Who answers. Raises `RoleMismatchError` or `UnavailableError` where there is nobody."""
    return InstructClient(session.engine, await session.models.get_instruct(), session.settings)


def read_document(session: Session, path: Path) -> Snapshot:
    """A file as it stands in the editor, or else on the disk. Raises `UsageError` where it cannot be read."""
    document = session.documents.find_file(path) or open_file(path)
    return document.snapshot()


def _convert_diagnostic(session: Session, snapshot: Snapshot, diagnostic: DiagnosticParams) -> Diagnostic:
    start, end = (
        converters.byte_offset(snapshot, types.Position(at.line, at.character), session.encoding)
        for at in (diagnostic.range.start, diagnostic.range.end)
    )
    return Diagnostic(start, max(start, end), diagnostic.message, diagnostic.source or "")
