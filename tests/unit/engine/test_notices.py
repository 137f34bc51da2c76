"""What the host has to tell comes once to everybody who watches, and to who comes later."""

from pathlib import Path

import pytest

from interfix.engine import ipc_messages, notices
from interfix.engine.ipc_messages import Notice
from interfix.engine.notices import DISK_TOPIC, Notices
from interfix.engine.tuning.tuning_store import TuningStore

FULL, ELSEWHERE = "Nothing can be written to /a.", "Nothing can be written to /b."


class RecordingWatcher:
    def __init__(self) -> None:
        self.told: list[ipc_messages.HostMessage] = []

    def send(self, message: ipc_messages.HostMessage) -> None:
        self.told.append(message)


def test_trouble_is_told_once_to_everybody_and_when_it_is_settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    trouble = [""]
    monkeypatch.setattr(notices, "describe_unwritable", lambda: trouble[0])
    watchers: list[RecordingWatcher] = []
    board = Notices(TuningStore("build"), lambda: watchers)
    first, later, last = RecordingWatcher(), RecordingWatcher(), RecordingWatcher()
    watchers.append(first)
    board.greet(first)
    board.tell_trouble()
    assert first.told == []
    trouble[0] = FULL
    for _ in range(3):
        board.tell_trouble()
    watchers.append(later)
    board.greet(later)
    assert first.told == later.told == [Notice(FULL, topic=DISK_TOPIC)]
    trouble[0] = ELSEWHERE
    watchers.append(last)
    board.greet(last)
    assert last.told == [Notice(ELSEWHERE, topic=DISK_TOPIC)]
    trouble[0] = ""
    board.tell_trouble()
    assert first.told == [*(Notice(text, topic=DISK_TOPIC) for text in (FULL, ELSEWHERE, ""))]
    board.tell_measured()
    assert all(watcher.told[-1] == Notice("") for watcher in watchers)
