"""An edit as the fewest lines that make the change, with notes about it."""

import re
from difflib import SequenceMatcher

import msgspec

from interfix.syntax.document import Snapshot

_LINES = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+")


class Hunk(msgspec.Struct, frozen=True):
    """One replaced stretch."""

    start: int
    """Byte offset at which what is replaced begins."""
    end: int
    """Byte offset at which it ends."""
    text: str
    """What stands there instead, with the file's own line endings."""

    @property
    def data(self) -> bytes:
        """The new text as it stands in a snapshot."""
        return self.text.encode("utf-8", "surrogatepass")


class CheckedEdit(msgspec.Struct, frozen=True):
    """A change of one document that may be offered."""

    snapshot: Snapshot
    """The very version the change is of; empty for a file that does not exist yet."""
    hunks: tuple[Hunk, ...]
    """In the order of the text, apart from each other; none where there is nothing to change."""
    checks: tuple[str, ...] = ()
    """What was found to hold, a word or two each."""
    notes: tuple[str, ...] = ()
    """Sentences that the user should read before taking the change."""
    answer: str = ""
    """What the model said, word for word."""
    is_new_file: bool = False
    """Whether the file is made by this change."""

    @property
    def summary(self) -> str:
        """What was checked and how much changes: "parses · signatures kept · 2 hunks", then the notes."""
        if not self.hunks:
            return " ".join(("The model left the code as it was.", *self.notes))
        size = "new file" if self.is_new_file else f"{len(self.hunks)} hunk{'s' if len(self.hunks) != 1 else ''}"
        return ". ".join((" · ".join((*self.checks, size)), *(note.removesuffix(".") for note in self.notes))) + (
            "." if self.notes else ""
        )

    @property
    def result(self) -> bytes:
        """The whole text with the change made."""
        return apply_hunks(self.snapshot.data, self.hunks)


def apply_hunks(data: bytes, hunks: tuple[Hunk, ...]) -> bytes:
    """A text with each hunk in its place."""
    pieces, at = [], 0
    for hunk in hunks:
        pieces += [data[at : hunk.start], hunk.data]
        at = hunk.end
    return b"".join((*pieces, data[at:]))


def compute_hunks(snapshot: Snapshot, start: int, end: int, text: str) -> tuple[Hunk, ...]:
    """The replacement of the bytes `start` to `end` by `text` as whole lines, only those that differ. The file's line ends stay: a
    line that stays keeps its own, and one in the place of another takes over that one's.

    difflib, not a shortest edit script: its matches are long stretches, so that a hunk holds what belongs together, and the command
    line's unified diff shows the same ones.
    """
    old = [_split_end(line) for line in _LINES.findall(snapshot.data[start:end])]
    new = [_split_end(line) for line in _LINES.findall(text.encode("utf-8", "surrogatepass"))]
    offsets = [start]
    for line, ending in old:
        offsets.append(offsets[-1] + len(line) + len(ending))
    one, other = ([(line, bool(ending)) for line, ending in lines] for lines in (old, new))
    return tuple(
        _keep_ends_apart(snapshot.data, offsets[first], offsets[last], _join(old[first:last], new[low:high]))
        for tag, first, last, low, high in SequenceMatcher(None, one, other, autojunk=False).get_opcodes()
        if tag != "equal"
    )


def _join(old: list[tuple[bytes, bytes]], new: list[tuple[bytes, bytes]]) -> bytes:
    """The new lines with the ends of the old ones in whose places they stand."""
    endings = [ending for _, ending in old if ending]
    joined = b""
    for index, (line, own) in enumerate(new):
        ending = endings[min(index, len(endings) - 1)] if own and endings else own
        joined += line + (b"\r\n" if not line and ending == b"\n" and joined.endswith(b"\r") else ending)
    return joined


def _keep_ends_apart(data: bytes, start: int, end: int, new: bytes) -> Hunk:
    """The hunk that puts the new bytes in their place, where no `\\r` and `\\n` of two lines become one end of a line."""
    if data[max(0, start - 1) : start] == b"\r" and (new or data[end : end + 1]).startswith(b"\n"):
        new, end = (b"\r" + new, end) if new else (b"\r\n", end + 1)
    if new.endswith(b"\r") and data[end : end + 1] == b"\n":
        new += b"\n"
    return Hunk(start, end, new.decode("utf-8", "surrogatepass"))


def _split_end(line: bytes) -> tuple[bytes, bytes]:
    text = line.rstrip(b"\r\n")
    return text, line[len(text) :]
