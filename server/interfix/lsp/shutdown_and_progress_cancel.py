"""`shutdown`, `exit`, `window/workDoneProgress/cancel`: ends the server or one task."""

from lsprotocol import types

from interfix.lsp.session import Session


def shutdown(session: Session, _params: None) -> None:
    """Nothing more is to be done; what was under way is cancelled, each request with its reply."""
    session.client.server.protocol.refuse_further_requests()


def exit_server(session: Session, _params: None) -> None:
    """Stop: code 0 after a shutdown, 1 without one."""
    server = session.client.server
    server.stop(0 if server.protocol.is_shut_down else 1)


def cancel_progress(session: Session, params: types.WorkDoneProgressCancelParams) -> None:
    """The user cancelled where the progress is shown."""
    session.client.cancel_work(params.token)
