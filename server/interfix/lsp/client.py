"""The editor as the server sees it: its capabilities, and the requests and notifications it accepts."""

import asyncio
import contextlib
import logging
import uuid
from collections.abc import AsyncGenerator, Awaitable, Iterator, Mapping, Sequence
from typing import Any

import msgspec
from lsprotocol import types

from interfix.config.paths import cache_dir
from interfix.config.private_files import write_private_file
from interfix.engine.remote.server_address import Endpoint
from interfix.inference_types import Role
from interfix.lsp.jsonrpc import LspServer
from interfix.lsp.status_publisher import RemoteRole, StatusPublisher
from interfix.output.notification_sanitizer import format_notification

log = logging.getLogger(__name__)

_REPLY_TIMEOUT_SECONDS = 10.0
"""How long the editor may take to answer a request, seconds."""

BLOCKING_TOPICS = frozenset({"models", "completion", "commands"})
"""Topics on which bad news means that something asked for cannot be done."""
INSTRUCT_TOPIC = "instruct model"
"""Bad news on it keeps nobody from suggestions."""

ProgressToken = int | str
_ROLE_PURPOSES = {Role.BASE: "completions", Role.INSTRUCT: "explanations and edits", Role.NEXT_EDIT: "next edits"}


class WorkProgress(msgspec.Struct, frozen=True):
    """Work under way, as the editor shows it."""

    server: LspServer
    """Who reports."""
    token: ProgressToken | None
    """What the editor knows the work by; None where nobody watches."""

    def report(self, message: str, percentage: int | None = None) -> None:
        """Send the next piece of news."""
        self.send(types.WorkDoneProgressReport(message=message, percentage=percentage))

    def send(self, value: types.WorkDoneProgressBegin | types.WorkDoneProgressReport | types.WorkDoneProgressEnd) -> None:
        """Send a value under the token, if there is one."""
        if self.token is not None:
            self.server.progress(types.ProgressParams(self.token, value))


class EditorClient:
    """The editor at the other end."""

    def __init__(self, server: LspServer) -> None:
        self.server = server
        self.capabilities = types.ClientCapabilities()
        self.ready_event = asyncio.Event()
        """Set once it has said `initialized` and has been asked for its settings."""
        self.status_publisher = StatusPublisher(server.protocol.notify)
        """What it may show of us."""
        self._notified: dict[str, str] = {}
        self._cancellable: dict[ProgressToken, asyncio.Task[Any]] = {}

    @property
    def has_inline_completion(self) -> bool:
        """Whether it shows inline completions."""
        return bool((text := self.capabilities.text_document) and text.inline_completion)

    def notify_once(self, topic: str, sentence: str, kind: types.MessageType = types.MessageType.Error) -> None:
        """Show the user a sentence, if it is the first on its topic until that is settled, and was not told on another."""
        if topic not in self._notified and sentence not in self._notified.values():
            self._notified[topic] = sentence
            if topic in BLOCKING_TOPICS:
                self.status_publisher.add_problem(topic, sentence)
            self._notify(kind, sentence)

    def show_info(self, sentence: str) -> None:
        """Show the user a sentence about what they have just asked for."""
        self._notify(types.MessageType.Info, sentence)

    async def show_markdown(self, markdown: str) -> None:
        """Show the user a text: as a document where the editor opens those, else as a message."""
        if not ((window := self.capabilities.window) and window.show_document and window.show_document.support):
            return self.show_info(markdown)
        file = cache_dir() / "answer.md"
        try:
            write_private_file(file, markdown.encode())
        except OSError:  # no room for it
            return self.show_info(markdown)
        await self._await_reply(self.server.window_show_document_async(types.ShowDocumentParams(file.as_uri(), take_focus=False)))
        return None

    async def apply_edit(self, edit: types.WorkspaceEdit, label: str) -> bool:
        """Have the editor make an edit, as one step to undo; whether it did."""
        reply = self.server.workspace_apply_edit_async(
            types.ApplyWorkspaceEditParams(edit, label=format_notification(f"Interfix: {label}"))
        )
        answered, result = await self._await_reply(reply)
        return bool(answered and result and result.applied)

    async def request(self, method: str, params: Any) -> Any:
        """Ask for something that LSP does not know; None where no answer comes."""
        _, result = await self._await_reply(self.server.protocol.send_request_async(method, params))
        return result

    async def announce_servers(self, endpoints: Sequence[Endpoint]) -> None:
        """Tell which roles servers compute: the editor, for its status item, and its user where code leaves the machine."""
        self.status_publisher.set_servers(
            tuple(RemoteRole(endpoint.role, endpoint.engine, endpoint.host, endpoint.is_remote) for endpoint in endpoints)
        )
        await self.ready_event.wait()
        self.clear_topic("servers")
        if exposed := [endpoint.exposure for endpoint in endpoints if endpoint.exposes_token]:
            self.notify_once("tokens", " ".join(exposed), types.MessageType.Warning)
        if away := [f"to {endpoint.host} for {_ROLE_PURPOSES[endpoint.role]}" for endpoint in endpoints if endpoint.is_remote]:
            self.notify_once(
                "servers", f"Interfix sends code {' and '.join(away)}, as you have configured.", types.MessageType.Info
            )

    def clear_topic(self, topic: str) -> None:
        """All is well with a topic again: its next failure is news."""
        self._notified.pop(topic, None)
        self.status_publisher.clear_problem(topic)

    async def fetch_configuration(self) -> Mapping[str, Any] | None:
        """What the editor's settings hold under `interfix`; None where it cannot be asked or has nothing."""
        if not ((workspace := self.capabilities.workspace) and workspace.configuration):
            return None
        params = types.ConfigurationParams([types.ConfigurationItem(section="interfix")])
        answered, settings = await self._await_reply(self.server.workspace_configuration_async(params))
        first = settings[0] if answered and settings else None
        return first if isinstance(first, Mapping) and first else None

    @contextlib.asynccontextmanager
    async def show_progress(self, title: str, *, cancellable: bool = False) -> AsyncGenerator[WorkProgress, None]:
        """Show work that came with no token, where the editor has a place for it; the user may cancel it there if `cancellable`."""
        token: ProgressToken | None = None
        if (window := self.capabilities.window) and window.work_done_progress:
            token = str(uuid.uuid4())
            created = self.server.window_work_done_progress_create_async(types.WorkDoneProgressCreateParams(token))
            answered, _ = await self._await_reply(created)
            token = token if answered else None
        if cancellable:
            with self.show_cancellable_progress(title, token) as progress:
                yield progress
            return
        with _show_begin_and_end(
            WorkProgress(self.server, token), types.WorkDoneProgressBegin(title=format_notification(title), percentage=0)
        ) as progress:
            yield progress

    @contextlib.contextmanager
    def show_cancellable_progress(self, title: str, token: ProgressToken | None) -> Iterator[WorkProgress]:
        """Show the work of the current task under the token its request came with, where the user may cancel it."""
        task = asyncio.current_task()
        if token is not None and task is not None:
            self._cancellable[token] = task
        try:
            begin = types.WorkDoneProgressBegin(title=format_notification(title), cancellable=True)
            with _show_begin_and_end(WorkProgress(self.server, token), begin) as progress:
                yield progress
        finally:
            if token is not None:
                self._cancellable.pop(token, None)

    def cancel_work(self, token: ProgressToken) -> None:
        """The user has had enough of the work shown under a token."""
        if (task := self._cancellable.get(token)) is not None:
            task.cancel()

    def _notify(self, kind: types.MessageType, sentence: str) -> None:
        self.server.window_show_message(types.ShowMessageParams(kind, format_notification(sentence)))

    async def _await_reply(self, request: Awaitable[Any]) -> tuple[bool, Any]:
        try:
            return True, await asyncio.wait_for(request, _REPLY_TIMEOUT_SECONDS)
        except Exception as error:
            log.warning("the editor did not answer: %s", type(error).__name__)
            return False, None


@contextlib.contextmanager
def _show_begin_and_end(progress: WorkProgress, begin: types.WorkDoneProgressBegin) -> Iterator[WorkProgress]:
    progress.send(begin)
    try:
        yield progress
    finally:
        progress.send(types.WorkDoneProgressEnd())
