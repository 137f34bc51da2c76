"""`interfix/status`: what an editor may show of the server, sent to one that wants it whenever it changes.

A client wants it that has `experimental: {interfix: {status: true}}` among its capabilities. It comes once after `initialized`.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any

import msgspec

from interfix.output.notification_sanitizer import format_notification

STATUS_METHOD = "interfix/status"
"""The notification."""

_WORKING_DELAY_SECONDS = 0.1
"""Work that is done sooner is not told, seconds: a status that flickers at every key tells nobody anything."""


class ServerState(StrEnum):
    """What the server is doing; the first that holds."""

    DOWNLOADING = "downloading"
    """A model is on its way."""
    STARTING = "starting"
    """It looks for its models."""
    WORKING = "working"
    """Somebody waits for a model's answer."""
    ERROR = "error"
    """What was asked last could not be done, or nothing can be; the message says why."""
    OFF = "off"
    """It suggests only where it is asked to."""
    READY = "ready"
    """None of these."""


class RemoteRole(msgspec.Struct, frozen=True):
    """A role that a server computes."""

    role: str
    """base or instruct."""
    engine: str
    """What kind of server."""
    host: str
    """Its name, without port and path."""
    leaves: bool
    """Whether code leaves the machine for it."""


class StatusParams(msgspec.Struct, frozen=True):
    """The notification's parameters."""

    state: ServerState
    """In a word."""
    message: str = ""
    """In a sentence; empty where there is nothing to say."""
    percent: int | None = None
    """How much of a download is there."""
    base: str = ""
    """Who completes; empty while there is nobody."""
    instruct: str = ""
    """Who explains and edits; empty while there is nobody."""
    servers: tuple[RemoteRole, ...] = ()
    """The roles that servers compute, as the user has configured."""
    version: int = 1
    """Of this structure; fields may be added without a change of it."""


class ServingModels(msgspec.Struct, frozen=True):
    """What was found at the last look for models."""

    base: str = ""
    """Who completes."""
    instruct: str = ""
    """Who explains and edits."""
    explanation: str = ""
    """Why these."""


class DownloadProgress(msgspec.Struct, frozen=True):
    """A download under way."""

    message: str
    """What comes, and how much of it is there."""
    percent: int | None = None
    """The same in percent."""


class StatusPublisher:
    """Puts what it is told together to one status, and sends it where it is another than before."""

    def __init__(self, send: Callable[[str, Any], None]) -> None:
        self._send = send
        self._is_started = False
        self._is_enabled = True
        self._models: ServingModels | None = None
        self._download: DownloadProgress | None = None
        self._problems: dict[str, str] = {}
        self._servers: tuple[RemoteRole, ...] = ()
        self._waiting_count = 0
        self._is_working = False
        self._last_sent: StatusParams | None = None

    @property
    def status(self) -> StatusParams:
        """As it is now."""
        models = self._models or ServingModels()
        params = StatusParams(
            ServerState.READY, models.explanation, base=models.base, instruct=models.instruct, servers=self._servers
        )
        if self._download:
            changes: dict[str, Any] = {"message": self._download.message, "percent": self._download.percent}
            return msgspec.structs.replace(params, state=ServerState.DOWNLOADING, **changes)
        if self._models is None:
            return msgspec.structs.replace(params, state=ServerState.STARTING)
        if self._is_working:
            return msgspec.structs.replace(params, state=ServerState.WORKING)
        if self._problems:
            return msgspec.structs.replace(params, state=ServerState.ERROR, message=" ".join(self._problems.values()))
        return params if self._is_enabled else msgspec.structs.replace(params, state=ServerState.OFF)

    def start(self) -> None:
        """The client wants to be told."""
        self._is_started = True
        self._publish()

    def set_enabled(self, enabled: bool) -> None:
        """Whether it suggests without being asked."""
        self._is_enabled = enabled
        self._publish()

    def set_models(self, models: ServingModels | None) -> None:
        """What was found; None: it is being looked for."""
        self._models = models
        self._publish()

    def set_download(self, download: DownloadProgress | None) -> None:
        """How a download gets on; None: there is none any more."""
        self._download = download
        self._publish()

    def set_servers(self, servers: tuple[RemoteRole, ...]) -> None:
        """Which roles servers compute now."""
        self._servers = servers
        self._publish()

    def add_problem(self, topic: str, sentence: str) -> None:
        """Something is in the way."""
        self._problems[topic] = sentence
        self._publish()

    def clear_problem(self, topic: str) -> None:
        """It no longer is."""
        self._problems.pop(topic, None)
        self._publish()

    @contextlib.contextmanager
    def show_working(self) -> Iterator[None]:
        """Somebody waits for an answer."""
        self._waiting_count += 1
        noticed = asyncio.get_running_loop().call_later(_WORKING_DELAY_SECONDS, self._update_working)
        try:
            yield
        finally:
            noticed.cancel()
            self._waiting_count -= 1
            if not self._waiting_count:
                self._update_working()

    def _update_working(self) -> None:
        self._is_working = self._waiting_count > 0
        self._publish()

    def _publish(self) -> None:
        if self._is_started and (status := self.status) != self._last_sent:
            self._last_sent = status
            sanitized = msgspec.structs.replace(status, message=format_notification(status.message))
            self._send(STATUS_METHOD, msgspec.to_builtins(sanitized))
