"""Resolves a selection to the whole lines or the definition that a command works on."""

import msgspec

from interfix.errors import UsageError
from interfix.syntax.document import PositionEncoding, Snapshot
from interfix.syntax.enclosing_scopes import Scope, find_definition, find_enclosing_scopes, find_scopes
from interfix.syntax.statements import widen_to_statements


class Selection(msgspec.Struct, frozen=True):
    """Whole lines of a snapshot, without the ending of the last."""

    snapshot: Snapshot
    """The document they are of."""
    start: int
    """Byte offset of the first line's beginning."""
    end: int
    """Byte offset of the last line's end."""

    @property
    def next_line_start(self) -> int:
        """Byte offset behind the last line's ending."""
        return self.snapshot.lines.find_next_start(self.snapshot.data, self.snapshot.lines.find_line(self.end))

    @property
    def code(self) -> str:
        """The text, with `\\n` between lines."""
        text = self.snapshot.data[self.start : self.end].decode(errors="replace")
        return text.replace("\r\n", "\n").replace("\r", "\n")

    @property
    def language(self) -> str:
        """As a fence names it; empty where it is not known."""
        return self.snapshot.language.id if self.snapshot.language else ""

    @property
    def location_clause(self) -> str:
        """The signatures around it as a clause: ", which stands in `class A:`, `def f(self):`"; empty at the top of a file."""
        signatures = [self.snapshot.data[s.start : s.signature_end].decode(errors="replace") for s in self.find_enclosing_scopes()]
        quoted_signatures = ", ".join(f"`{' '.join(signature.split())}`" for signature in signatures)
        return f", which stands in {quoted_signatures}" if quoted_signatures else ""

    def find_enclosing_scopes(self) -> list[Scope]:
        """The scopes that hold all of it and more, outermost first."""
        return [s for s in find_enclosing_scopes(self.snapshot, self.start) if s.start < self.start and s.end >= self.end]

    @property
    def label(self) -> str:
        """What a user knows it by: the name of the definition that it is, else its lines, from 1."""
        indentation = len(self.code) - len(self.code.lstrip())
        definition = find_definition(self.snapshot, self.start + indentation)
        if definition is not None:
            lines = expand_to_lines(self.snapshot, definition.start, definition.end)
            if (lines.start, lines.end) == (self.start, self.end):
                return definition.name
        first, last = (self.snapshot.lines.find_line(offset) + 1 for offset in (self.start, self.end))
        return f"line {first}" if first == last else f"lines {first} to {last}"

    def find_definitions(self) -> dict[str, str]:
        """What is defined in it, kind by name."""
        inside = (s for s in find_scopes(self.snapshot, self.start, self.end) if self.start <= s.start and s.end <= self.end)
        return {scope.name: scope.kind for scope in inside}


def resolve_selection(snapshot: Snapshot, start: int, end: int) -> Selection:
    """What byte offsets `start` to `end` mean: the definition around a cursor or a signature, else the lines they touch.

    Raises `UsageError` where there is no code.
    """
    text = snapshot.data[start:end]
    if text.strip():
        start, end = start + len(text) - len(text.lstrip()), start + len(text.rstrip())
    else:
        end = start
    definition = find_definition(snapshot, start)
    if definition is not None and (start == end or (definition.start <= start and end <= definition.signature_end)):
        start, end = definition.start, definition.end
    selection = expand_to_lines(snapshot, start, end)
    if not selection.code.strip():
        raise UsageError("There is no code here. Select some, or put the cursor into a definition.")
    return selection


def resolve_statements(snapshot: Snapshot, start: int, end: int) -> Selection:
    """The same with the rest of each statement that the lines cut through: what an edit may replace.

    Raises `UsageError` where there is no code.
    """
    selection = resolve_selection(snapshot, start, end)
    while True:
        code = snapshot.data[selection.start : selection.end]
        start, end = selection.start + len(code) - len(code.lstrip()), selection.start + len(code.rstrip())
        wider = widen_to_statements(snapshot, start, end)
        # A broken tree does not show where a definition ends that begins here; its indentation does.
        ends = (scope.end for scope in find_scopes(snapshot, start, end) if start <= scope.start < end < scope.end)
        widened = expand_to_lines(snapshot, wider[0], max(wider[1], *ends, end))
        if (widened.start, widened.end) == (selection.start, selection.end):
            return selection
        selection = expand_to_lines(snapshot, min(widened.start, selection.start), max(widened.end, selection.end))


def expand_to_lines(snapshot: Snapshot, start: int, end: int) -> Selection:
    """The whole lines that the bytes `start` to `end` touch."""
    first, _ = snapshot.to_position(start, PositionEncoding.UTF8)
    last, _ = snapshot.to_position(end, PositionEncoding.UTF8)
    width = len(snapshot.data)
    return Selection(
        snapshot, snapshot.to_offset(first, 0, PositionEncoding.UTF8), snapshot.to_offset(last, width, PositionEncoding.UTF8)
    )
