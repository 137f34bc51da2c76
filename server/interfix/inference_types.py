"""Frozen values that every layer may use: roles, the segments of a prompt, and what an engine streams back."""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from interfix.masking import NO_TEXT, MaskedText


class Role(StrEnum):
    """What a model is used for. A file may prove both."""

    BASE = "base"
    INSTRUCT = "instruct"
    NEXT_EDIT = "next-edit"

    @property
    def settings_group(self) -> str:
        """The settings that say who computes for it."""
        return "next_edit.server" if self is Role.NEXT_EDIT else self.value


NEEDED_ROLES = (Role.BASE, Role.INSTRUCT)
"""The roles that Interfix finds a model for; a next-edit model serves where the user has configured one."""


NEXT_EDIT_FORMAT_PATTERN = r"(?<![a-z])(sweep[-_ ]?(next|edit|\d)|sweepai|zeta(?![a-z]))"
"""A regular expression for the names of models that propose the next edit in a layout that is known here, whatever the case."""
NEXT_EDIT_PATTERN = rf"{NEXT_EDIT_FORMAT_PATTERN}|(?<![a-z])(next[-_ ]?edit|instinct(?![a-z]))"
"""The same for all such models, known layout or not."""


class Sampling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the next token is drawn; what is left open here is filled in from elsewhere (see `with_defaults`)."""

    temperature: Annotated[float, Meta(ge=0.0, le=2.0)] | None = None
    """0 takes the likeliest token; instruct models do well at 0.1 to 0.3."""
    top_k: Annotated[int, Meta(ge=1, le=1_000_000)] | None = None
    """Only so many of the likeliest tokens are drawn from."""
    top_p: Annotated[float, Meta(gt=0.0, le=1.0)] | None = None
    """Only the likeliest tokens that make up this share of the probability are drawn from."""
    min_p: Annotated[float, Meta(ge=0.0, lt=1.0)] | None = None
    """Only tokens at least this share as likely as the likeliest are drawn from."""

    def with_defaults(self, defaults: "Sampling") -> "Sampling":
        """This one, with what it leaves open taken from `defaults`."""
        mine = {name: value for name, value in msgspec.structs.asdict(self).items() if value is not None}
        return msgspec.structs.replace(defaults, **mine)


class SegmentKind(StrEnum):
    """Where a segment goes in an infill prompt, and what a part of a chat is."""

    REPOSITORY = "repository"
    FILE = "file"
    PREFIX = "prefix"
    SUFFIX = "suffix"
    CONTEXT = "context"
    """Of a chat: what is shown before a turn's own words."""
    TURN = "turn"
    """Of a chat: a turn's own words."""


NEEDED_RANK_LIMIT = 7
"""Segments of a lower rank are needed to go on at the cursor."""


class Segment(msgspec.Struct, frozen=True):
    """A piece of text to show the model, with what the layout needs to place, cut or drop it.

    Segments stand in prompt order: repository, files, prefix pieces, suffix. The prefix pieces joined are what the model sees
    before the hole, so the last one ends at the cursor and the first suffix piece begins there.
    """

    kind: SegmentKind
    """Where it goes."""
    text: MaskedText
    """The text itself, as it stands in the file."""
    rank: int = 0
    """0: never dropped, but cut by whole lines far from the cursor. Above 0: kept whole or dropped, highest rank first."""
    brief: MaskedText = NO_TEXT
    """What stands for it where the whole has no room, such as signatures for bodies; empty: nothing does."""
    brief_rank: int = 0
    """The rank of `brief`: below `rank`, so that all signatures that rank before a body are placed before it; or above, where the
    signatures are only for what has no room whole."""
    path: MaskedText = NO_TEXT
    """For a file segment, and the first prefix piece: path relative to the workspace, with forward slashes."""
    line: int = 0
    """Zero-based line of its file at which the text begins."""
    source: str = ""
    """The name of what put it there, for `interfix why`: near, scope, imports, suffix …"""
    is_worth_no_wait: bool = False
    """Left out where the prompt would be read much sooner without it."""

    def with_text(self, text: MaskedText, line: int, brief: MaskedText | None = None) -> "Segment":
        """The same piece with another text, which begins at another line; None: with its brief form as it is."""
        return msgspec.structs.replace(self, text=text, line=line, brief=self.brief if brief is None else brief)


class ContextSnippet(msgspec.Struct, frozen=True):
    """Something that may be shown before what a turn of a chat says."""

    source: str
    """The name of what put it there, for `interfix why`: diagnostics, imports, file, definitions …"""
    text: MaskedText
    """As the model is shown it."""
    name: str = ""
    """What of: a definition's name, a file's path."""
    left: str = ""
    """Why it is left out whatever the room, its text with it; empty: it may be shown."""


class ChatMessage(msgspec.Struct, frozen=True):
    """One turn of a chat."""

    role: str
    """system, user or assistant."""
    content: MaskedText
    """The text of the turn; never read as control tokens."""
    context: tuple[ContextSnippet, ...] = ()
    """What may be shown before the content, each as a paragraph of its own, as far as there is room: the first is the last to be
    left out, and of the last that is shown the end may be cut off."""

    @property
    def full_text(self) -> str:
        """All that may be shown of it."""
        return "\n".join((*(piece.text for piece in self.context), self.content))


class PastEdit(msgspec.Struct, frozen=True):
    """A change that the user has made: whole lines, with up to three unchanged ones before and after."""

    path: MaskedText
    """Relative to the workspace, with forward slashes."""
    line: int
    """The first line, zero-based, in the file as it was."""
    before: MaskedText
    """The lines as they were."""
    after: MaskedText
    """The lines as they became."""


class EditWindow(msgspec.Struct, frozen=True):
    """The code that a next-edit model is shown: a region of whole lines that it may rewrite, and what stands around it."""

    path: MaskedText
    """Relative to the workspace, with forward slashes."""
    line: int
    """The region's first line in its file, zero-based."""
    before: MaskedText
    """Whole lines before the region; empty where it begins the file."""
    region: MaskedText
    """The lines that may be rewritten."""
    after: MaskedText
    """Whole lines after the region; empty where it ends the file."""
    cursor: int
    """Where the cursor is in the region, bytes."""
    original: MaskedText
    """The region as it was before the newest edit; the region itself where that edit did not touch it."""
    begins_file: bool = False
    """Whether `before` begins with the file's first line."""
    has_secret: bool = False
    """Whether a secret is masked in the region: it would come back as an edit that overwrites it."""


class PartState(StrEnum):
    """What became of a part of a prompt."""

    WHOLE = "whole"
    BRIEF = "brief"
    """Its brief form is shown."""
    CUT = "cut"
    """Some of its lines are shown."""
    NO_ROOM = "no room"
    EMPTY = "empty"
    """There was nothing to show."""
    EXCLUDED = "excluded"
    """It may not be shown, or need not be."""
    NO_OTHER_FILES = "no other files"
    """The model knows no other files: whoever gathers such parts can spare itself the work."""


class PromptPart(msgspec.Struct, frozen=True):
    """What became of one segment in a laid-out prompt, or of one piece or turn of a chat."""

    kind: SegmentKind
    """The segment's kind."""
    source: str
    """The segment's source; of a turn its role."""
    path: str
    """The segment's path; of a piece what it is of."""
    tokens: int
    """Tokens it takes in the prompt; 0 where it was dropped."""
    kept: bool
    """Whether any of it is in the prompt."""
    state: PartState = PartState.WHOLE
    """The same in full."""
    rank: int = 0
    """The segment's rank; that of its brief form where that is shown."""
    line: int = 0
    """The segment's first line in its file, from 0."""
    why: str = ""
    """What was done to it and why, in words for people; empty where it is in the prompt as it is."""


class GenerationStart(msgspec.Struct, frozen=True, tag="started"):
    """First event of a stream: the prompt is laid out and about to be decoded."""

    model: str
    """Name of the model that answers."""
    prompt_tokens: int
    """Length of the whole prompt in tokens."""
    reused_tokens: int
    """How many of them were found in the KV cache."""
    parts: tuple[PromptPart, ...] = ()
    """One entry a segment, in order; for a chat only where it was only to be laid out."""
    budget: int = 0
    """Most tokens the prompt might have had; for a chat only where it was only to be laid out."""
    prompt: str = ""
    """The exact prompt, markers included, where that was asked for; else empty."""
    is_brief: bool = False
    """The whole prompt would have taken too long to read: this is a shorter one, and the whole one is read while nobody waits."""


class PromptReport(msgspec.Struct, frozen=True):
    """What a model is shown, to be looked at: a prompt and its origin."""

    model: str
    """Name of the model it is for."""
    prompt: str
    """The prompt word for word, with markers or the template's own text; empty where it was not asked for."""
    prompt_tokens: int
    """Its length, tokens."""
    budget: int
    """What it may be at most, tokens."""
    parts: tuple[PromptPart, ...]
    """What was offered to the layout, in prompt order, and what became of it; the other tokens are markers or the template's."""


class StartToken(msgspec.Struct, frozen=True):
    """A token that an answer is to begin with."""

    token: int
    """Its id in the model's vocabulary."""
    logprob: float
    """Natural logarithm of the probability the model gave it there."""


class GeneratedToken(msgspec.Struct, frozen=True, tag="token"):
    """One generated token."""

    text: str
    """Its text; empty while a character is still incomplete."""
    logprob: float
    """Natural logarithm of the probability the model gave it."""
    alternatives: tuple[tuple[str, float], ...] = ()
    """Where they were asked for, the likeliest tokens at its place with theirs, the likeliest first."""
    removed: float = 0.0
    """The probability that the model gave to names which a guide says do not exist, 0 to 1; 0 where it was given no guide."""
    token: int = -1
    """Its id in the model's vocabulary, where runners-up were asked for; else -1."""
    runner_up: int = -1
    """The id of the second likeliest token there, if that was asked for and does not end the answer; else -1."""
    runner_up_logprob: float = 0.0
    """Natural logarithm of the probability of that one."""
    lead: tuple[int, ...] = ()
    """The ids of the tokens before it that have no text here, for they write the end of the prefix once more; where runners-up were
    asked for. Their probability is part of its own."""


class TextScore(msgspec.Struct, frozen=True, tag="scored"):
    """How likely a text was that might have stood in the hole: told before the first token, where it was asked for."""

    logprob: float
    """Natural logarithm of the probability that the model writes just this text, and then ends."""
    end_logprob: float
    """The part of it that is of the end."""
    tokens: int
    """How many tokens the text has."""


class GenerationEnd(msgspec.Struct, frozen=True, tag="finished"):
    """Last event of a stream that was not closed by its reader."""

    reason: str
    """end (the model ended by itself), length (max_tokens reached) or loop (an answer that only repeats itself was cut)."""
    tokens: int
    """Tokens generated."""
    prefill_ms: float
    """Time to decode the prompt, ms."""
    decode_ms: float
    """Time to generate, ms."""


LAYOUT_ONLY_END = GenerationEnd(reason="end", tokens=0, prefill_ms=0.0, decode_ms=0.0)
"""What follows `GenerationStart` where a prompt was only to be laid out."""
GenerationEvent = GenerationStart | TextScore | GeneratedToken | GenerationEnd
