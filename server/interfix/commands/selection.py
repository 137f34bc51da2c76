"""What a command is really about: the whole lines or the definition that a selection means. Knows no model."""

import msgspec

from interfix.errors import BadUsage
from interfix.syntax.document import Encoding, Snapshot
from interfix.syntax.scopes import Scope, definition_at, enclosing, scopes_in


class Selection(msgspec.Struct, frozen=True):
    """Whole lines of a snapshot, without the ending of the last."""

    snapshot: Snapshot
    """The document they are of."""
    start: int
    """Byte offset of the first line's beginning."""
    end: int
    """Byte offset of the last line's end."""

    @property
    def stop(self) -> int:
        """Byte offset behind the last line's ending."""
        return self.snapshot.lines.after(self.snapshot.data, self.snapshot.lines.at(self.end))

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
    def place(self) -> str:
        """The signatures around it as a clause: ", which stands in `class A:`, `def f(self):`"; empty at the top of a file."""
        signatures = [self.snapshot.data[s.start : s.signature_end].decode(errors="replace") for s in self.around()]
        named = ", ".join(f"`{' '.join(signature.split())}`" for signature in signatures)
        return f", which stands in {named}" if named else ""

    def around(self) -> list[Scope]:
        """The scopes that hold all of it and more, outermost first."""
        return [s for s in enclosing(self.snapshot, self.start) if s.start < self.start and s.end >= self.end]

    def names(self) -> dict[str, str]:
        """What is defined in it, kind by name."""
        inside = (s for s in scopes_in(self.snapshot, self.start, self.end) if self.start <= s.start and s.end <= self.end)
        return {scope.name: scope.kind for scope in inside}


def meant(snapshot: Snapshot, start: int, end: int) -> Selection:
    """What byte offsets `start` to `end` mean: the definition around a cursor or a signature, else the lines they touch.

    Raises `BadUsage` where there is no code.
    """
    text = snapshot.data[start:end]
    if text.strip():
        start, end = start + len(text) - len(text.lstrip()), start + len(text.rstrip())
    else:
        end = start
    definition = definition_at(snapshot, start)
    if definition is not None and (start == end or (definition.start <= start and end <= definition.signature_end)):
        start, end = definition.start, definition.end
    selection = lines_of(snapshot, start, end)
    if not selection.code.strip():
        raise BadUsage("There is no code here. Select some, or put the cursor into a definition.")
    return selection


def lines_of(snapshot: Snapshot, start: int, end: int) -> Selection:
    """The whole lines that the bytes `start` to `end` touch."""
    first, _ = snapshot.position(start, Encoding.UTF8)
    last, _ = snapshot.position(end, Encoding.UTF8)
    width = len(snapshot.data)
    return Selection(snapshot, snapshot.offset(first, 0, Encoding.UTF8), snapshot.offset(last, width, Encoding.UTF8))
