"""A suggestion as an editor is given it: one value, handed through every room."""

import msgspec

from interfix.completion.branch_points import Branch
from interfix.completion.decision_record import DisplayDecision
from interfix.completion.suggestion_request import SuggestionRequest
from interfix.completion.text_anchor import TextAnchor


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
    branches: tuple[Branch, ...] = ()
    """How others for the same place might begin, the likeliest first; empty where that is not known."""
    replaced_bytes: int = 0
    """Bytes behind the offset that the text replaces: what was typed of the completion list's entry."""
    entry_characters: int = 0
    """So many characters at the beginning of the whole text are the completion list's and not the model's."""
    is_partly_typed: bool = False
    """Whether some of it has been typed."""
    is_prefetched: bool = False
    """Made before anybody asked."""
    is_asked: bool = False
    """Made for somebody who asked: others for the place were looked for, and there are none where it has no branches."""
    model: str
    """Name of the model that wrote it."""
    prompt_tokens: int = 0
    """Length of the prompt, tokens."""
    is_brief: bool = False
    """The prompt was a brief one, for the whole one would have taken too long to read: made again, it may be better."""
    tokens: int = 0
    """Tokens generated, those cut off again included."""
    ms: float = 0.0
    """Time it took, ms."""
    logprob: float = 0.0
    """Mean natural log-probability of the tokens the stop rules kept."""
    decision: DisplayDecision
    """Why it is shown, or is not."""

    def include_entry(self, request: SuggestionRequest) -> "Suggestion":
        """The suggestion that was made behind an entry, with it: it begins with the entry, and replaces what the entry replaces."""
        if (entry := request.entry) is None:
            return self
        whole = entry.text + self.text
        return msgspec.structs.replace(
            self,
            anchor=request.entry_anchor,
            whole_text=whole,
            offset=entry.start,
            text=whole,
            replaced_bytes=entry.end - entry.start,
            entry_characters=len(entry.text),
        )
