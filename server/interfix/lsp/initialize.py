"""`initialize`, `initialized`: agree on what each side can do. Asks for nothing the client did not offer."""

from collections.abc import Mapping
from typing import Any

from lsprotocol import types

from interfix import __version__
from interfix.lsp import converters
from interfix.lsp.client_process_end import find_process
from interfix.lsp.execute_command import COMMAND_HANDLERS
from interfix.lsp.notebook_sync import SYNC_OPTIONS
from interfix.lsp.session import Session


def initialize(session: Session, params: types.InitializeParams) -> types.InitializeResult:
    """Take the client's word on encodings, folders and settings; say what we do."""
    client = session.client
    client.capabilities = params.capabilities
    client.server.protocol.is_initialized = True
    session.encoding = converters.choose_encoding(params.capabilities)
    session.shows_next_edits_elsewhere = _shows_other_files(params.capabilities)
    uris = [f.uri for f in params.workspace_folders or ()] or ([params.root_uri] if params.root_uri else [])
    session.set_folders([path for path in map(converters.to_path, uris) if path is not None])
    session.configure(extract_settings(params.initialization_options))
    # Looked up before the reply: a client that dies right after it has left no process to find.
    if params.process_id is not None and (process := find_process(params.process_id)) is not None:
        session.spawn(client.server.watch_process(process))
    return types.InitializeResult(_capabilities(session), types.ServerInfo("interfix", __version__))


def initialized(session: Session, _params: types.InitializedParams) -> None:
    """Now the client can be asked: first of all for its settings."""

    async def settle() -> None:
        if (settings := await session.client.fetch_configuration()) is not None:
            session.configure(settings)
        session.client.ready_event.set()
        if _wants_status(session.client.capabilities):
            session.client.status_publisher.start()

    session.spawn(settle())


def extract_settings(value: Any) -> Mapping[str, Any]:
    """An editor's settings from initialization options or a notification: ours alone, or everybody's with ours under our name."""
    if not isinstance(value, Mapping):
        return {}
    inner = value.get("interfix", value)
    return inner if isinstance(inner, Mapping) else {}


def _wants_status(capabilities: types.ClientCapabilities) -> bool:
    match converters.to_builtins(capabilities.experimental):
        case {"interfix": {"status": True}}:
            return True
    return False


def _shows_other_files(capabilities: types.ClientCapabilities) -> bool:
    match converters.to_builtins(capabilities.experimental):
        case {"interfix": {"nextEdit": {"otherFiles": True}}}:
            return True
    return False


def _capabilities(session: Session) -> types.ServerCapabilities:
    # An editor that shows inline completions would otherwise ask for each suggestion twice.
    completion = (
        None if session.client.has_inline_completion else types.CompletionOptions(trigger_characters=["."], resolve_provider=True)
    )
    return types.ServerCapabilities(
        position_encoding=session.encoding.value,
        text_document_sync=types.TextDocumentSyncOptions(
            open_close=True, change=types.TextDocumentSyncKind.Incremental, save=types.SaveOptions(include_text=False)
        ),
        notebook_document_sync=SYNC_OPTIONS if session.client.capabilities.notebook_document else None,
        inline_completion_provider=types.InlineCompletionOptions(),
        completion_provider=completion,
        code_action_provider=types.CodeActionOptions(
            code_action_kinds=[types.CodeActionKind.QuickFix, types.CodeActionKind.Refactor], resolve_provider=True
        ),
        execute_command_provider=types.ExecuteCommandOptions(commands=list(COMMAND_HANDLERS), work_done_progress=True),
        workspace=types.WorkspaceOptions(
            workspace_folders=types.WorkspaceFoldersServerCapabilities(supported=True, change_notifications=True)
        ),
        experimental={"interfix": {"nextEdit": True}},
    )
