"""Names in files of real code, each with the text that a person wrote from there to the end of its line."""

import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from interfix.context.names.completion_item_names import OfferedNames
from interfix.context.names.name_position import PositionKind, find_name_position
from interfix.syntax.document import Document
from interfix.syntax.snapshot import Snapshot

PLACES_PER_FILE = 5
MAX_WORDS = 60
"""So many words of a file are looked at, for places of a kind that is rare."""
MAX_FILE_BYTES = 60_000
_MEMBER = re.compile(rb"(?<=[\w)\]])(?:\?\.|->|::|\.)([A-Za-z_]\w*)")
_LISTED = re.compile(rb"(?:[({,]|\bimport\b)\s*(?<!\w)([A-Za-z_]\w*)")
"""Words that may be names which stand behind no link: to look at each parses the file anew."""


class GuidedChoice(msgspec.Struct):
    """What one guide makes of a place."""

    known: bool = False
    """It knows which names there are."""
    refused: bool = False
    """It would not let be written what a person wrote there."""
    refused_behind: bool = False
    """It would let the name be written, and not what the person wrote behind it in that line."""
    cost: float = 0.0
    """What the name costs."""
    name: str = ""
    """What the model wrote; empty where none was asked."""
    shown: bool = False
    """It would be shown to who types."""


class Place(msgspec.Struct):
    """A name in a file."""

    path: str
    offset: int
    """Byte offset of the name."""
    written: str
    """The name that the person wrote."""
    judged: bool = False
    """The judge knows the names there, that one among them."""
    offered: OfferedNames | None = None
    """What the language server offers."""
    real: list[str] = []
    """The names that the judge has."""
    guides: dict[str, GuidedChoice] = {}


def choose_places(root: Path, language: str, kind: PositionKind, count: int, seed: int) -> list[Place]:
    """Places of a kind in the folder's files, drawn by the seed."""
    chance = random.Random(seed)
    paths = [path for path in sorted(root.rglob("*")) if path.is_file() and path.stat().st_size <= MAX_FILE_BYTES]
    chance.shuffle(paths)
    chosen_places: list[Place] = []
    for path in paths:
        if len(chosen_places) >= count:
            break
        if path.suffix in ("", ".json", ".md") or "node_modules" in path.relative_to(root).parts or path.name.endswith(".d.ts"):
            continue
        if (snapshot := _read(path)) is None or snapshot.language is None or snapshot.language.id != language:
            continue
        matches = list((_MEMBER if kind is PositionKind.MEMBER else _LISTED).finditer(snapshot.data))
        chance.shuffle(matches)
        places = [Place(str(path), match.start(1), match[1].decode()) for match in _find_kind(snapshot, matches, kind)]
        chosen_places += places
    return chosen_places[:count]


def cut_line(path: Path, offset: int) -> tuple[Snapshot, str]:
    """The file without the rest of a line, and that rest."""
    snapshot = Document(path.as_uri(), path.read_bytes().decode()).snapshot()
    return _cut(snapshot, offset), snapshot.data[offset : _find_line_end(snapshot, offset)].decode()


def _read(path: Path) -> Snapshot | None:
    try:
        return Document(path.as_uri(), path.read_bytes().decode()).snapshot()
    except UnicodeDecodeError:
        return None


def _find_kind(snapshot: Snapshot, matches: Iterable["re.Match[bytes]"], kind: PositionKind) -> Iterator["re.Match[bytes]"]:
    """The first of these words that are names of a kind."""
    count = 0
    for tried, match in enumerate(matches):
        if count == PLACES_PER_FILE or (tried == MAX_WORDS and kind is not PositionKind.MEMBER):
            return
        at = match.start(1)
        position = find_name_position(snapshot if kind is PositionKind.MEMBER else _cut(snapshot, at), at)
        if position is not None and position.kind is kind and position.start == at:
            count += 1
            yield match


def _cut(snapshot: Snapshot, offset: int) -> Snapshot:
    return snapshot.replace_range(offset, _find_line_end(snapshot, offset), "")


def _find_line_end(snapshot: Snapshot, offset: int) -> int:
    end = snapshot.data.find(b"\n", offset)
    return len(snapshot.data) if end < 0 else end
