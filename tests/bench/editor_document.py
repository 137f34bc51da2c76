"""A document in a real editor that the replay's typist types into; what the editor makes of a key is mended, as a person would."""

import asyncio
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import msgspec

from interfix.bench.acceptance_policy import AcceptedPart
from interfix.bench.typing_sites import TypingSite
from interfix.errors import InterfixError
from tests.editors.typing_surface import TypingSurface

LOOK_SECONDS = 3.0
"""So long one looks for a suggestion after a key; no pause is longer."""
CHANGE_SECONDS = 1.0
"""So long a key may take until its change is seen."""
SETTLE_SECONDS = 0.25
"""A text that is not what it should be is mended once it has stayed so for so long, s: editors tell of one key in several steps."""
_POLL_SECONDS = 0.01
_MAX_MENDS = 60
_MAX_ACCEPT_KEYS = 20
_OPENERS, _CLOSERS = "([{", ")]}"
_Result = TypeVar("_Result")


class MendError(InterfixError):
    """An editor's text does not become what the typist wants."""


class KeyRecord(msgspec.Struct):
    """One key of the typist, and what was seen until the next."""

    path: str
    """The file."""
    at: float
    """When it was pressed, s since 1970."""
    aim_offset: int | None
    """Characters of the aim that are there then; None where something wrong stands before the cursor."""
    line: int
    """Zero-based line of the cursor after it."""
    character: int
    """Column of the cursor after it, UTF-16 units."""
    remaining_text: str
    """The aim from there on."""
    ghost: str = ""
    """What was suggested first after it."""
    ghost_at: float | None = None
    """When that was seen, s since 1970."""
    was_at_hand: bool = False
    """It is the rest of what was shown before the key."""
    end: float = 0.0
    """When the next key was pressed, or the typing ended, s since 1970."""


class EditorDocument:
    """A place in a file that is open in the editor between `with` and its end.

    All that touches the editor runs in one thread: its drivers want that.
    """

    def __init__(
        self, surface: TypingSurface, worker: ThreadPoolExecutor, root: Path, site: TypingSite, picture: Path | None = None
    ) -> None:
        """`picture`: where to keep one of the place at its end."""
        self.keys: list[KeyRecord] = []
        """What was pressed to type the aim."""
        self.press_count = 0
        """Keys that were pressed, those that mended what the editor did included."""
        self.mend_count = 0
        """Keys, or pastes, that mended what the editor did."""
        self._surface = surface
        self._worker = worker
        self._path = root / site.path
        self._site = site
        self._picture = picture
        self._typed = ""
        """What the typist means to stand at the place."""
        self._extra = ""
        """What the editor has put behind the cursor: brackets that it closed."""

    def __enter__(self) -> Self:
        self._surface_call(self._surface.open_file, self._path, self._site.prefix, self._site.suffix)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.keys:
            self.keys[-1].end = time.time()
        if self._picture is not None:
            self._surface_call(self._surface.take_screenshot, self._picture)
        self._surface_call(self._surface.close_file)

    async def insert(self, text: str) -> None:
        """Type a text: one character, or a line end with the indentation behind it."""
        self._begin_key(self._typed + text)
        await self._run(self._type, text)

    async def backspace(self) -> None:
        """Take the character before the cursor away."""
        self._begin_key(self._typed[:-1])
        await self._run(self._press_backspace)

    async def accept(self, accepted: AcceptedPart) -> None:
        """Take what is suggested, or its beginning, with the editor's own keys."""
        self._begin_key(self._typed + accepted.text)
        await self._run(self._take, accepted)

    async def look(self, expected: str) -> str:
        """What is on the screen now; it need not be what was `expected`."""
        del expected
        return await self._run(self._read_ghost)

    async def request_suggestion(self) -> str:
        """What comes on the screen after the last key and before the next; empty where nothing does."""
        key, end = self.keys[-1], time.monotonic() + LOOK_SECONDS
        while key is self.keys[-1] and time.monotonic() < end:
            if ghost := await self._run(self._read_ghost):
                return ghost if key is self.keys[-1] else ""
            await asyncio.sleep(_POLL_SECONDS)
        return ""

    async def _run(self, work: Callable[..., _Result], *arguments: Any) -> _Result:
        return await asyncio.get_running_loop().run_in_executor(self._worker, work, *arguments)

    def _surface_call(self, work: Callable[..., _Result], *arguments: Any) -> _Result:
        return self._worker.submit(work, *arguments).result()

    def _begin_key(self, typed: str) -> None:
        self._typed = typed
        before, now = self._expected, time.time()
        is_right = self._site.text.startswith(typed)
        line = before.rpartition("\n")[2]
        record = KeyRecord(
            path=os.fspath(self._path),
            at=now,
            aim_offset=len(typed) if is_right else None,
            line=before.count("\n"),
            character=len(line.encode("utf-16-le")) // 2,
            remaining_text=self._site.text[len(typed) :] if is_right else "",
        )
        if self.keys:
            self.keys[-1].end = now
        self.keys.append(record)

    @property
    def _expected(self) -> str:
        return self._site.prefix + self._typed

    def _read_ghost(self) -> str:
        ghost = self._surface.read_ghost(self._expected.rpartition("\n")[2])
        key = self.keys[-1]
        if ghost and key.ghost_at is None:
            key.ghost, key.ghost_at = ghost, time.time()
            before = self.keys[-2].ghost if len(self.keys) > 1 else ""
            key.was_at_hand = bool(before) and before.endswith(ghost)
        return ghost

    def _type(self, text: str) -> None:
        self.keys[-1].at = time.time()
        extra = self._extra
        if text.startswith("\n") and self._surface.close_list():
            self.press_count += 1
        if text.startswith("\n") and extra.lstrip(" \t").startswith("\n"):
            # The editor has put the closing bracket on a line of its own.
            self._press(("Down", "Home"))
        else:
            self._press_character(text[0])
        self._mend()
        # Mostly the editor has moved over what it had put there.
        if text == extra[:1]:
            self._delete_extra(len(extra) - 1)
        elif text in _CLOSERS:
            self._delete_extra(len(_strip_closed(extra, text)))

    def _press_character(self, character: str) -> None:
        self.press_count += 1
        before = self._surface.read_text()
        self._surface.type_character(character)
        self._await_change(before)

    def _press(self, keys: tuple[str, ...]) -> None:
        for key in keys:
            self.press_count += 1
            before = self._surface.read_text()
            self._surface.press_key(key)
            self._await_change(before)

    def _press_mend(self, key: str) -> None:
        self.mend_count += 1
        self._press((key,))

    def _press_backspace(self) -> None:
        self.keys[-1].at = time.time()
        self._press(("Backspace",))
        self._mend()

    def _take(self, accepted: AcceptedPart) -> None:
        """An open list whose entry the suggestion goes on from takes the first key; whatever comes is looked at after each."""
        self.keys[-1].at = time.time()
        extra = self._extra
        for _ in range(_MAX_ACCEPT_KEYS):
            before = self._surface.read_text()
            if not self._expected.startswith(before[0]) or len(before[0]) >= len(self._expected):
                break
            if not self._await_ghost(before[0]):
                break
            self.press_count += 1
            self._surface.take_suggestion(accepted.granularity)
            if not self._await_change(before):
                break
        self._mend()
        if self._extra == extra:
            self._delete_extra(len(_strip_closed(extra, accepted.text)))

    def _delete_extra(self, length: int) -> None:
        """Delete of what the editor has put behind the cursor all but so many characters at its end."""
        while len(self._extra) > length:
            left = len(self._extra)
            self._press_mend("Delete")
            self._mend()
            if len(self._extra) >= left:
                return

    def _await_ghost(self, before: str) -> bool:
        end = time.monotonic() + CHANGE_SECONDS
        while not (ghost := self._surface.read_ghost(before.rpartition("\n")[2])) and time.monotonic() < end:
            time.sleep(_POLL_SECONDS)
        return bool(ghost)

    def _await_change(self, before: tuple[str, str]) -> bool:
        """Wait until text or cursor are others than before, and look for a suggestion meanwhile."""
        end = time.monotonic() + CHANGE_SECONDS
        while time.monotonic() < end:
            self._read_ghost()
            if self._surface.read_text() != before:
                return True
            time.sleep(_POLL_SECONDS)
        return False

    def _mend_indent(self, before: str, expected: str) -> bool:
        """Give the line the indentation that it should have, where that is all that is wrong; whether it was.

        What stands behind it is not typed anew: an editor that has moved a bracket would move it again.
        """
        (head, _, line), (wanted_head, _, wanted) = before.rpartition("\n"), expected.rpartition("\n")
        content = line.lstrip(" \t")
        if head != wanted_head or not content or wanted.lstrip(" \t") != content:
            return False
        while (at := self._surface.read_text()[0]) != head + "\n":
            self._press_mend("Home")  # some editors go to where the text begins first
            if self._surface.read_text()[0] == at:
                return False
        for _ in range(len(line) - len(content)):
            self._press_mend("Delete")
        self._insert_mend(wanted[: len(wanted) - len(content)])
        for _ in content:
            self._press_mend("Right")
        return True

    def _insert_mend(self, text: str) -> None:
        self.mend_count += 1
        self.press_count += 1
        before = self._surface.read_text()
        self._surface.insert_verbatim(text)
        self._await_change(before)

    def _read_settled_text(self, expected: str) -> tuple[str, str]:
        """Text before the cursor and after it, once it is as expected, or rests."""
        text, since = self._surface.read_text(), time.monotonic()
        while text[0] != expected and time.monotonic() < since + SETTLE_SECONDS:
            time.sleep(_POLL_SECONDS)
            if (now := self._surface.read_text()) != text:
                text, since = now, time.monotonic()
        return text

    def _mend(self) -> None:
        """Make the text before the cursor what it is meant to be. Raises `MendError` where that does not succeed."""
        expected = self._expected
        for _ in range(_MAX_MENDS):
            before, after = self._read_settled_text(expected)
            if before == expected:
                is_whole = after.endswith(self._site.suffix)
                self._extra = after[: len(after) - len(self._site.suffix)] if is_whole else ""
                return
            if self._mend_indent(before, expected):
                continue
            common = next((at for at, pair in enumerate(zip(before, expected, strict=False)) if len(set(pair)) > 1), None)
            common = min(len(before), len(expected)) if common is None else common
            if len(before) > common:
                self._press_mend("Backspace")
            else:
                self._insert_mend(expected[common:])
        raise MendError(f"{self._path.name}: the editor's text does not become what is typed; this place is left.")


def _strip_closed(extra: str, text: str) -> str:
    """What is left of brackets that an editor has closed, when a text has come before them that closes some itself."""
    depth = 0
    for character in text:
        if character in _OPENERS:
            depth += 1
        elif character in _CLOSERS and depth:
            depth -= 1
        elif character in _CLOSERS and extra.lstrip().startswith(character):
            extra = extra.lstrip()[1:]
    return extra
