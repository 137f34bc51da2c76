"""`interfix/status`: what an editor may show of the server, sent to one that wants it whenever it changes. Decides nothing.

A client wants it that has `experimental: {interfix: {status: true}}` among its capabilities. It comes once after `initialized`.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any

import msgspec

from interfix.output.notification import notification_text

METHOD = "interfix/status"
"""The notification."""

_NOTICEABLE = 0.1
"""Work that is done sooner is not told, seconds: a status that flickers at every key tells nobody anything."""


class State(StrEnum):
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


class Elsewhere(msgspec.Struct, frozen=True):
    """A role that a server computes."""

    role: str
    """base or instruct."""
    engine: str
    """What kind of server."""
    host: str
    """Its name, without port and path."""
    leaves: bool
    """Whether code leaves the machine for it."""


class Status(msgspec.Struct, frozen=True):
    """The notification's parameters."""

    state: State
    """In a word."""
    message: str = ""
    """In a sentence; empty where there is nothing to say."""
    percent: int | None = None
    """How much of a download is there."""
    base: str = ""
    """Who completes; empty while there is nobody."""
    instruct: str = ""
    """Who explains and edits; empty while there is nobody."""
    servers: tuple[Elsewhere, ...] = ()
    """The roles that servers compute, as the user has configured."""
    version: int = 1
    """Of this structure; fields may be added without a change of it."""


class Models(msgspec.Struct, frozen=True):
    """What was found at the last look for models."""

    base: str = ""
    """Who completes."""
    instruct: str = ""
    """Who explains and edits."""
    why: str = ""
    """Why these."""


class Download(msgspec.Struct, frozen=True):
    """A download under way."""

    message: str
    """What comes, and how much of it is there."""
    percent: int | None = None
    """The same in percent."""


class Bulletin:
    """Puts what it is told together to one status, and sends it where it is another than before."""

    def __init__(self, send: Callable[[str, Any], None]) -> None:
        self._send = send
        self._wanted = False
        self._enabled = True
        self._models: Models | None = None
        self._download: Download | None = None
        self._problems: dict[str, str] = {}
        self._elsewhere: tuple[Elsewhere, ...] = ()
        self._waiting = 0
        self._working = False
        self._sent: Status | None = None

    @property
    def status(self) -> Status:
        """As it is now."""
        models = self._models or Models()
        told = Status(State.READY, models.why, base=models.base, instruct=models.instruct, servers=self._elsewhere)
        if self._download:
            changes: dict[str, Any] = {"message": self._download.message, "percent": self._download.percent}
            return msgspec.structs.replace(told, state=State.DOWNLOADING, **changes)
        if self._models is None:
            return msgspec.structs.replace(told, state=State.STARTING)
        if self._working:
            return msgspec.structs.replace(told, state=State.WORKING)
        if self._problems:
            return msgspec.structs.replace(told, state=State.ERROR, message=" ".join(self._problems.values()))
        return told if self._enabled else msgspec.structs.replace(told, state=State.OFF)

    def begin(self) -> None:
        """The client wants to be told."""
        self._wanted = True
        self._tell()

    def enabled(self, enabled: bool) -> None:
        """Whether it suggests without being asked."""
        self._enabled = enabled
        self._tell()

    def models(self, models: Models | None) -> None:
        """What was found; None: it is being looked for."""
        self._models = models
        self._tell()

    def download(self, download: Download | None) -> None:
        """How a download gets on; None: there is none any more."""
        self._download = download
        self._tell()

    def elsewhere(self, servers: tuple[Elsewhere, ...]) -> None:
        """Which roles servers compute now."""
        self._elsewhere = servers
        self._tell()

    def problem(self, topic: str, sentence: str) -> None:
        """Something is in the way."""
        self._problems[topic] = sentence
        self._tell()

    def settled(self, topic: str) -> None:
        """It no longer is."""
        self._problems.pop(topic, None)
        self._tell()

    @contextlib.contextmanager
    def working(self) -> Iterator[None]:
        """Somebody waits for an answer."""
        self._waiting += 1
        noticed = asyncio.get_running_loop().call_later(_NOTICEABLE, self._follow)
        try:
            yield
        finally:
            noticed.cancel()
            self._waiting -= 1
            if not self._waiting:
                self._follow()

    def _follow(self) -> None:
        self._working = self._waiting > 0
        self._tell()

    def _tell(self) -> None:
        if self._wanted and (status := self.status) != self._sent:
            self._sent = status
            shown = msgspec.structs.replace(status, message=notification_text(status.message))
            self._send(METHOD, msgspec.to_builtins(shown))
