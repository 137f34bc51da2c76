"""A name changed all through a file by somebody who takes next edits that are right, and makes the other changes by hand."""

import random
import re
from collections.abc import Iterator, Sequence

import msgspec

from interfix.bench.edited_headless_document import EditedDocument
from interfix.bench.typist import KEY_GAP_MS
from interfix.syntax.document import Document
from interfix.syntax.name_place import TextKind, find_name_place

MIN_USES, MAX_USES = 3, 12
"""How often the name stands in the file: fewer uses need no help, more take too long."""
MIN_NAME_CHARACTERS = 4
"""Shorter names stand for too many things."""
ASK_MS = 100
"""Time from a change to the request, as editors wait, ms."""


class NextEditStats(msgspec.Struct, frozen=True):
    """What came of changing names."""

    places: int = 0
    """Places that had to be changed, the first aside, which starts it."""
    asked: int = 0
    """Requests for a next edit."""
    shown: int = 0
    """Next edits that were shown."""
    right: int = 0
    """How many of them changed such places and nothing else; all were taken."""
    by_acceptance: int = 0
    """Places that they changed: one edit may change several lines."""


def sum_next_edits(stats: Sequence[NextEditStats]) -> NextEditStats:
    """All of them added up."""
    names = NextEditStats.__struct_fields__
    return NextEditStats(**{name: sum(getattr(each, name) for each in stats) for name in names})


class RenamePlan(msgspec.Struct, frozen=True):
    """A name and the one that it has before the change."""

    old: str
    """Stands nowhere in the file as it is to be."""
    new: str
    """The name that the file has."""


def plan_rename(path: str, text: str, rng: random.Random) -> RenamePlan | None:
    """A name whose every use is code, and which is declared where it stands first; None where a file has none such."""
    snapshot = Document(f"file:///{path}", text).snapshot()
    uses: list[str] = []
    for name in dict.fromkeys(re.findall(rf"(?<!\w)[A-Za-z_]\w{{{MIN_NAME_CHARACTERS - 1},}}(?!\w)", text)):
        starts = [len(text[:at].encode("utf-8", "surrogatepass")) for at in _find_uses(text, name)]
        if not MIN_USES <= len(starts) <= MAX_USES:
            continue
        places = [find_name_place(snapshot, start) for start in starts]
        if places[0].declares and all(each.kind is TextKind.CODE for each in places):
            uses.append(name)
    uses = [name for name in uses if f"old_{name}" not in text]
    return RenamePlan(f"old_{(name := rng.choice(uses))}", name) if uses else None


def _find_uses(text: str, name: str) -> Iterator[int]:
    return (match.start() for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text))


class RenameSession:
    """Opens the file as it was before the change, and leaves it as it is to be."""

    def __init__(self, document: EditedDocument, plan: RenamePlan) -> None:
        self._document, self._plan = document, plan
        self.stats = NextEditStats(places=len([*_find_uses(document.text, plan.old)]) - 1)

    async def run(self) -> None:
        """Change the first place by hand, then take what is right until nothing is offered; go on by hand, and so on to the end."""
        while (start := next(_find_uses(self._document.text, self._plan.old), None)) is not None:
            await self._document.replace_by_keys(start, start + len(self._plan.old), self._plan.new, KEY_GAP_MS)
            cursor: int | None = start + len(self._plan.new)
            while cursor is not None:
                cursor = await self._take_next(cursor)
        self._document.close()

    async def _take_next(self, cursor: int) -> int | None:
        """Where the cursor is behind the next edit that was taken; None where none was."""
        await self._document.pause(ASK_MS)
        edits = (await self._document.request_edit_at(cursor, explicit=False)).edits
        self._count(asked=1, shown=len(edits[:1]))
        if not edits:
            return None
        edit, text = edits[0], self._document.text
        if edit.textDocument.uri != self._document.uri:
            return None
        start, end = (self._document.find_offset(at.line, at.character) for at in (edit.range.start, edit.range.end))
        changed = self._count_right(text[:start] + edit.text + text[end:])
        if not changed:
            return None
        self._count(right=1, by_acceptance=changed)
        self._document.replace(start, end, edit.text)
        return start + len(edit.text)

    def _count_right(self, text: str) -> int:
        """How many places a text has changed, 0 where it changes anything else."""
        before, plan = self._document.text, self._plan
        uses = [len([*_find_uses(each, plan.old)]) for each in (before, text)]
        pattern = rf"(?<!\w){re.escape(plan.old)}(?!\w)"
        same = re.sub(pattern, plan.new, text) == re.sub(pattern, plan.new, before)
        return uses[0] - uses[1] if same else 0

    def _count(self, **more: int) -> None:
        self.stats = msgspec.structs.replace(
            self.stats, **{name: getattr(self.stats, name) + value for name, value in more.items()}
        )
