"""A suggestion from the request to what an editor is given: one value each way, handed through every room."""

from pathlib import Path

import msgspec

from interfix.completion.decision_record import DisplayDecision
from interfix.completion.suggestion_shape import SuggestionShape
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
    is_prefetch: bool = False
    """The text up to the cursor is not there yet: the suggestion is made before anybody asks."""
    span: TrackedSpan | None = None
    """Where it is wanted, in the document as it goes on; None: nobody follows it."""
    ahead_bytes: int = 0
    """Bytes right before the cursor that are not there yet; `span` begins before them."""

    @property
    def language_id(self) -> str:
        """The language's id; empty if it is not known."""
        return self.snapshot.language.id if self.snapshot.language else ""

    @property
    def anchor(self) -> TextAnchor:
        """The cursor, to be found again."""
        return TextAnchor.from_cursor(self.snapshot, self.offset, self.span, self.ahead_bytes)


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a request: text to show at the cursor, or none and why."""

    id: str
    """By which the user's reaction is told."""
    anchor: TextAnchor
    """The place that it was made for."""
    whole_text: str = ""
    """What to insert there, with the file's own line endings; empty where there is nothing to show."""
    offset: int
    """Byte offset of the cursor that it is offered to."""
    text: str = ""
    """What to insert at that cursor: the whole text, or what the user has not typed of it yet."""
    is_partly_typed: bool = False
    """Whether some of it has been typed."""
    is_prefetched: bool = False
    """Made before anybody asked."""
    model: str
    """Name of the model that wrote it."""
    prompt_tokens: int = 0
    """Length of the prompt, tokens."""
    tokens: int = 0
    """Tokens generated, those cut off again included."""
    ms: float = 0.0
    """Time it took, ms."""
    logprob: float = 0.0
    """Mean natural log-probability of the tokens the stop rules kept."""
    decision: DisplayDecision
    """Why it is shown, or is not."""
