"""What the host has to tell the users of the clients that watch: a new setup of a model, and what it cannot write."""

from collections.abc import Callable, Sequence
from typing import Protocol

from interfix.config.state_file import describe_unwritable
from interfix.engine import ipc_messages
from interfix.engine.tuning.tuning_store import TuningStore

DISK_TOPIC = "disk"
"""What a warning is about that nothing can be written."""


class Watcher(Protocol):
    """A client that shows its user what it is told."""

    def send(self, message: ipc_messages.HostMessage) -> None:
        """Write a message; nothing where the client has gone."""
        ...


class Notices:
    """Tells each thing once. For use from one event loop."""

    def __init__(self, tuning_store: TuningStore, list_watchers: Callable[[], Sequence[Watcher]]) -> None:
        self._tuning_store = tuning_store
        self._list_watchers = list_watchers
        self._trouble = ""

    def greet(self, newcomer: Watcher) -> None:
        """A client begins to watch."""
        self.tell_tunings()
        before = self._trouble
        self.tell_trouble()
        if before and before == self._trouble:
            newcomer.send(ipc_messages.Notice(self._trouble, topic=DISK_TOPIC))

    def tell_tunings(self) -> None:
        """The setups of which no user has been told yet."""
        watchers = self._list_watchers()
        untold = self._tuning_store.list_untold() if watchers else []
        for tuning in untold:
            self._send(ipc_messages.Notice(tuning.describe(tuning.model_name)))
        if untold:
            self._tuning_store.mark_told()

    def tell_trouble(self) -> None:
        """What this process cannot write to, where it is another folder than before; or that it can again."""
        trouble = describe_unwritable()
        if trouble != self._trouble:
            self._trouble = trouble
            self._send(ipc_messages.Notice(trouble, topic=DISK_TOPIC))

    def tell_measured(self) -> None:
        """Models are to be chosen anew, by what was measured."""
        self._send(ipc_messages.Notice(""))

    def _send(self, notice: ipc_messages.Notice) -> None:
        for watcher in self._list_watchers():
            watcher.send(notice)
