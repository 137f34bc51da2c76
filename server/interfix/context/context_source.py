"""The query to a context source, and the chunks that it returns."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Protocol

import msgspec

from interfix.context.display_paths import name_as_source
from interfix.context.type_inference import DECLARATION_BYTES, find_receiver, infer_types
from interfix.context.workspace_reader import Workspace
from interfix.syntax.enclosing_scopes import find_enclosing_scopes
from interfix.syntax.snapshot import Snapshot
from interfix.syntax.snapshot_text import extract_lines

BEFORE_LINES = 30
"""So many lines before the cursor say what the user is about."""
AFTER_LINES = 10
"""So many after it."""
_MAX_NAMESAKES = 3
"""Definitions of one name that are looked at to learn what an object is."""
_NAME = re.compile(r"[^\W\d]\w{2,}")


class Chunk(msgspec.Struct, frozen=True):
    """Whole lines of another file, or of this file far from the cursor, that may be worth showing."""

    path: str
    """Its file, relative to the workspace, with forward slashes."""
    prompt_path: str
    """What a model is shown as its path."""
    line: int
    """Its first line in the file, from 0."""
    text: str
    """What there is to show."""
    score: float
    """How good its source thinks it is; comparable within the source only."""
    brief: str = ""
    """The signatures in it, where it has bodies that can be left out."""
    definitions: frozenset[str] = frozenset()
    """The definitions it shows, wholly or in part, as they stand in their file; none where it shows other lines."""
    defines_receiver: bool = False
    """It shows what the object right before the cursor is, or what that inherits from."""
    is_named: bool = False
    """It defines a name that stands on the cursor's line or right above it: what is written there is likely about it."""


@dataclass(frozen=True)
class ContextQuery:
    """A cursor, and what is around it."""

    snapshot: Snapshot
    """The document as it is now."""
    offset: int
    """Byte offset of the cursor."""
    path: str
    """The document's path relative to the workspace, with forward slashes."""
    workspace: Workspace
    """What else there is."""
    cancel_event: threading.Event = field(default_factory=threading.Event)
    """Set when nobody wants the answer any more: sources look at it between two files."""

    @cached_property
    def line(self) -> int:
        """The cursor's line, from 0."""
        return self.snapshot.lines.find_line(self.offset)

    @cached_property
    def text_before(self) -> str:
        """The lines before the cursor, up to it."""
        start = self.snapshot.lines.find_start(max(0, self.line - BEFORE_LINES))
        return self.snapshot.data[start : self.offset].decode("utf-8", "replace")

    @cached_property
    def text_after(self) -> str:
        """The lines after the cursor, from it on."""
        end = line_stop_offset(self.snapshot, self.line + AFTER_LINES)
        return self.snapshot.data[self.offset : end].decode("utf-8", "replace")

    @cached_property
    def receiver(self) -> str:
        """The object whose member the cursor is at, as it is written there; empty where there is none."""
        return find_receiver(self.text_before)

    @cached_property
    def name_weights(self) -> Mapping[str, float]:
        """The names around the cursor, in the headers of the scopes that hold it and of what objects near it are; best first.

        The nearer, the more weight.
        """
        weights: dict[str, float] = {}
        headers = [
            self.snapshot.data[scope.start : scope.signature_end].decode("utf-8", "replace")
            for scope in find_enclosing_scopes(self.snapshot, self.offset)
        ]
        for header in headers:
            weights |= dict.fromkeys(_NAME.findall(header), 0.5)
        for part, step in ((self.text_before.split("\n")[::-1], 10), (self.text_after.split("\n"), 4)):
            for distance, text in enumerate(part):
                for name in _NAME.findall(text):
                    weights[name] = max(weights.get(name, 0.0), 1 / (1 + distance / step))
        text = self.snapshot.data[max(0, self.offset - DECLARATION_BYTES) : self.offset].decode("utf-8", "replace")
        for name, weight in infer_types(text, headers, self._skeletons).items():
            weights[name] = max(weights.get(name, 0.0), weight)
        return dict(sorted(weights.items(), key=lambda item: -item[1]))

    def _skeletons(self, name: str) -> list[str]:
        index = self.workspace.index
        return [definition.skeleton for definition in index.find_definitions([name], _MAX_NAMESAKES)] if index is not None else []

    @cached_property
    def directory(self) -> PurePosixPath:
        """The document's folder, relative to the workspace."""
        return PurePosixPath(self.path).parent


class ContextSource(Protocol):
    """Finds chunks. Blocks, in a thread of its own; may fail, and is then left out."""

    name: str
    """What `interfix why` and the settings call it."""

    def find(self, query: ContextQuery) -> list[Chunk]:
        """What is worth showing at a place, in any order. Reads other files only through the workspace."""
        ...


def line_stop_offset(snapshot: Snapshot, line: int) -> int:
    """Byte offset behind a line that may be beyond the last."""
    return snapshot.lines.find_next_start(snapshot.data, min(line, len(snapshot.lines) - 1))


def make_chunk(path: str, snapshot: Snapshot, lines: range, score: float, brief: str = "") -> Chunk:
    """Lines of a file as a chunk."""
    text = extract_lines(snapshot, lines.start, min(lines.stop, len(snapshot.lines)))
    return Chunk(
        path,
        name_as_source(path, snapshot),
        lines.start,
        ensure_line_end(text),
        score,
        ensure_line_end(brief) if brief != text else "",
    )


def ensure_line_end(text: str) -> str:
    """The text with a line end, so that what follows begins a line."""
    return text if not text or text.endswith(("\n", "\r")) else text + "\n"
