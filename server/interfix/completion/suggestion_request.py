"""What is known when a suggestion is wanted: one value, handed through every room."""

from pathlib import Path

import msgspec

from interfix.completion.branch_points import Branch
from interfix.completion.multiline_choice import SuggestionShape
from interfix.completion.selected_list_entry import ListEntry
from interfix.completion.text_anchor import TextAnchor
from interfix.models.role_check import BaseModel
from interfix.syntax.document import Snapshot
from interfix.syntax.tracked_span import TrackedSpan


class SuggestionRequest(msgspec.Struct, frozen=True):
    """Where a suggestion is wanted, by whom, and who is to make it."""

    model: BaseModel
    """Who completes."""
    snapshot: Snapshot
    """The document as it is."""
    offset: int
    """Byte offset of the cursor."""
    root: Path | None = None
    """The workspace's folder."""
    automatic: bool = False
    """Nobody asked: the user types, and little that is wrong may be shown."""
    shape: SuggestionShape = SuggestionShape.AUTO
    """How much it may span."""
    after_accepted: bool = False
    """The text right before the cursor is a suggestion that the user has just taken."""
    attempt: int = 0
    """Each above 0 draws another suggestion."""
    start: Branch = ()
    """What it begins with, as another suggestion for the place might have; empty: as the model would have it."""
    is_prefetch: bool = False
    """The text up to the cursor is not there yet: the suggestion is made before anybody asks."""
    span: TrackedSpan | None = None
    """Where it is wanted, in the document as it goes on; None: nobody follows it."""
    ahead_bytes: int = 0
    """Bytes right before the cursor that are not there yet; `span` begins before them."""

    entry: ListEntry | None = None
    """The entry of the editor's completion list that the text up to the cursor ends with, although nobody has chosen it yet."""

    def insert_entry(self, entry: ListEntry, span: TrackedSpan) -> "SuggestionRequest":
        """The request as it would be if the user had chosen an entry of the completion list; `span` is what the entry replaces."""
        snapshot = self.snapshot.replace_range(entry.start, entry.end, entry.text)
        size = len(entry.text.encode())
        return msgspec.structs.replace(self, snapshot=snapshot, offset=entry.start + size, entry=entry, span=span, ahead_bytes=size)

    @property
    def entry_anchor(self) -> TextAnchor:
        """Where the entry begins, in the text without it."""
        start = self.offset - self.ahead_bytes
        return TextAnchor.from_range(self.snapshot, start, self.offset, self.span or TrackedSpan(start, start))

    @property
    def language_id(self) -> str:
        """The language's id; empty if it is not known."""
        return self.snapshot.language.id if self.snapshot.language else ""

    @property
    def anchor(self) -> TextAnchor:
        """The cursor, to be found again."""
        return TextAnchor.from_cursor(self.snapshot, self.offset, self.span, self.ahead_bytes)
