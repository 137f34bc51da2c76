"""Asks the next-edit model, where one is configured, for the new text of a region: an edit or nothing."""

import logging
import math
from collections.abc import Sequence
from contextlib import aclosing

import msgspec

from interfix.engine.protocol import Engine, NextEditRequest
from interfix.errors import InterfixError, UsageError
from interfix.inference_types import EditWindow, GeneratedToken, GenerationEnd, GenerationStart, PastEdit
from interfix.masking import mask
from interfix.models.role_check import NextEditModel
from interfix.prompt.families import FAMILIES, ModelIdentity
from interfix.prompt.families.next_edit_format import EditPromptParts, ShownFile
from interfix.prompt.next_edit_answer import read_next_edit

log = logging.getLogger(__name__)

MAX_REGION_LINES = 60
"""A longer region is not asked about: all of it is written anew."""


class RewrittenRegion(msgspec.Struct, frozen=True):
    """What a model makes of a region."""

    text: str
    """The region's new text, with the document's line ends."""
    certainty: float
    """The probability of the least likely of its tokens, 0 to 1: how sure the model was where it was least sure."""


class NextEditProposer(msgspec.Struct, frozen=True):
    """Who is asked, and how."""

    engine: Engine
    """Who computes."""
    model: NextEditModel
    """Who answers."""

    async def propose(
        self, edits: Sequence[PastEdit], window: EditWindow, files: Sequence[ShownFile] = ()
    ) -> RewrittenRegion | None:
        """The new text of the window's region, with the document's line ends; None where the model has nothing to say, or nothing
        that can be trusted. The newest edit comes last. Cancelling ends the computation.

        Raises what the engine raises where the model cannot be asked at all.
        """
        normalized = _normalize_window(window)
        if normalized is None or normalized.has_secret or normalized.region.count("\n") > MAX_REGION_LINES:
            return None
        request = NextEditRequest(self.model, EditPromptParts(normalized, tuple(map(_normalize_edit, edits)), tuple(files)))
        name, answer, reason, least = self.model.name, "", "", 0.0
        try:
            async with aclosing(self.engine.next_edit(request)) as events:
                async for event in events:
                    match event:
                        case GenerationStart():
                            name = f"{self.model.name} {event.model}"
                        case GeneratedToken():
                            answer += event.text
                            least = min(least, event.logprob)
                        case GenerationEnd():
                            reason = event.reason
        except UsageError as error:  # this code cannot be shown; other code can
            log.info("no next edit was asked for: %s", error)
            return None
        family = next((each for each in FAMILIES if each.matches_name(ModelIdentity(name))), None)
        if family is None or family.next_edit_format is None:
            raise InterfixError(f"{self.model.name} has no layout for next edits that is known.")
        text = read_next_edit(answer, normalized, family.next_edit_format, is_whole=reason == "end")
        if text is None:
            return None
        return RewrittenRegion(text.replace("\n", "\r\n") if "\r\n" in window.region else text, math.exp(least))


def _normalize_window(window: EditWindow) -> EditWindow | None:
    """The window with \\n at its line ends, as models know them; None where its line ends are mixed."""
    bare = window.region.replace("\r\n", "\n")
    if "\r" in bare or ("\r\n" in window.region and window.region.count("\n") != window.region.count("\r\n")):
        return None
    before_cursor = window.region.encode()[: window.cursor].decode("utf-8", "ignore")
    texts = {name: mask(getattr(window, name).replace("\r\n", "\n")) for name in ("before", "region", "after", "original")}
    cursor = len(before_cursor.replace("\r\n", "\n").encode())
    return msgspec.structs.replace(window, cursor=cursor, **texts)


def _normalize_edit(edit: PastEdit) -> PastEdit:
    before, after = (mask(text.replace("\r\n", "\n")) for text in (edit.before, edit.after))
    return msgspec.structs.replace(edit, before=before, after=after)
