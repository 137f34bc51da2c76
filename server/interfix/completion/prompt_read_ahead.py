"""Has prompts read before anybody asks: of the file that was opened or gone to, then of one that is likely to be opened next.

The engine does it while nobody waits, and ends it for whatever is asked for. One prompt at a time; the newest place counts.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from pathlib import Path

import msgspec

from interfix.config.settings import CompletionSettings
from interfix.context.gatherer import Gatherer
from interfix.engine.protocol import Engine, InfillRequest
from interfix.errors import InterfixError
from interfix.models.role_check import BaseModel
from interfix.syntax.document_key import DocumentKey
from interfix.syntax.snapshot import Snapshot

log = logging.getLogger(__name__)

PAUSE_SECONDS = 0.3
"""The cursor has rested so long, and nobody has asked for anything, before a prompt is read."""
NEXT_FILE_SECONDS = 3.0
"""The same before that of another file is."""
SAME_PLACE_LINES = 8
"""A cursor that moves no farther than this stays in the same prompt."""


class CursorPlace(msgspec.Struct, frozen=True):
    """Where somebody may type next."""

    snapshot: Snapshot
    """The document as it is."""
    offset: int
    """Byte offset of the cursor."""
    root: Path | None = None
    """The workspace's folder."""

    @property
    def line(self) -> int:
        """The cursor's line, from 0."""
        return self.snapshot.lines.find_line(self.offset)


class ReadAhead:
    """For use from one event loop."""

    def __init__(
        self,
        engine: Engine,
        settings: CompletionSettings,
        gatherer: Gatherer,
        get_model: Callable[[], Awaitable[BaseModel | None]],
        list_next: Callable[[CursorPlace], Sequence[CursorPlace]],
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`list_next` guesses where its user goes from a place, the likeliest first; it may read files, and runs in a thread."""
        self._engine = engine
        self._settings = settings
        self._gatherer = gatherer
        self._get_model = get_model
        self._list_next = list_next
        self._sleep = sleep
        self._lines: dict[DocumentKey, int] = {}
        """By document: where its prompt was read, or asked for, last."""
        self._target: CursorPlace | None = None
        self._task: asyncio.Task[None] | None = None

    def visit(self, cursor: CursorPlace) -> None:
        """The user looks at a place. Where the document was read near there, nothing is to be done."""
        is_off = not (self._settings.ahead and self._settings.enabled)
        if is_off or self._is_off_in(cursor.snapshot) or self._is_known(cursor):
            return
        self.cancel()
        self._target = cursor
        self._task = asyncio.create_task(self._read_both(cursor))

    def begin_request(self, cursor: CursorPlace) -> None:
        """Somebody asks for a completion: what is read ends, and nothing else is begun."""
        self.cancel()
        self._lines[cursor.snapshot.key] = cursor.line

    def close_document(self, key: DocumentKey) -> None:
        """A document was closed."""
        self._lines.pop(key, None)

    def cancel(self) -> None:
        """Read nothing more for now."""
        if self._task is not None:
            self._task.cancel()
            self._task = self._target = None

    def _is_known(self, cursor: CursorPlace) -> bool:
        """Whether the prompt there was read or asked for, or is about to be read."""
        key, target = cursor.snapshot.key, self._target
        lines = [self._lines.get(key), target.line if target is not None and target.snapshot.key == key else None]
        return any(line is not None and abs(line - cursor.line) <= SAME_PLACE_LINES for line in lines)

    def _is_off_in(self, snapshot: Snapshot) -> bool:
        return snapshot.language is not None and snapshot.language.id in self._settings.not_in

    async def _read_both(self, cursor: CursorPlace) -> None:
        try:
            await self._sleep(PAUSE_SECONDS)
            if (model := await self._get_model()) is None:
                return
            await self._read(cursor, model)
            self._lines[cursor.snapshot.key] = cursor.line
            await self._sleep(NEXT_FILE_SECONDS)
            for following in await asyncio.to_thread(self._list_next, cursor):
                key = following.snapshot.key
                if key not in self._lines and not self._is_off_in(following.snapshot):
                    try:
                        await self._read(following, model)
                    finally:
                        self._gatherer.drop_document(key)  # it may never be opened
                    self._lines[key] = following.line
                    break
        except (InterfixError, OSError) as error:
            log.info("nothing is read ahead: %s", error)
        finally:
            if self._target is cursor:
                self._target = None

    async def _read(self, cursor: CursorPlace, model: BaseModel) -> None:
        gathered = await self._gatherer.gather(cursor.snapshot, cursor.offset, cursor.root, model.name, is_ahead=True)
        request = InfillRequest(
            model=model,
            document=cursor.snapshot.key,
            segments=gathered.segments,
            prompt_budget=self._settings.prompt_tokens,
            max_tokens=0,
            max_prefill_ms=self._settings.latency_ms,
            is_ahead=True,
        )
        async with aclosing(self._engine.infill(request)) as events:
            async for _ in events:
                pass
