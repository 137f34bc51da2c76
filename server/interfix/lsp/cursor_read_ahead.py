"""Where the user's cursor rests, as far as the editor's own requests tell: what they would wait for there is read ahead."""

from pathlib import Path

from interfix.completion.prompt_read_ahead import CursorPlace
from interfix.lsp.session import Session
from interfix.syntax.snapshot import Snapshot


def watch_cursor(session: Session, snapshot: Snapshot, offset: int) -> None:
    """The user looks at a byte offset of a document. A server that completes, and a file that may not be shown, are left alone."""
    root = session.find_root(snapshot)
    workspace = session.workspaces.find(root)
    is_hidden = workspace is not None and workspace.keeps_out(Path(snapshot.path))
    if not is_hidden and session.settings.base.engine == "local":
        session.read_ahead.visit(CursorPlace(snapshot, offset, root))
