"""When a completion has said enough. A base model never ends by itself, so every token is read by rules, one file a kind.

A rule is a pure function of the hole and the text so far. It says how many characters of the text to keep, or None to read on. The
first to speak ends the stream; where several do at once the shortest text wins.
"""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import replace

from interfix.completion.hole import Hole
from interfix.completion.shape import Shape
from interfix.completion.stops.block import end_of_block, next_statement
from interfix.completion.stops.comment import remark
from interfix.completion.stops.echo import prompt_again
from interfix.completion.stops.foreign import fence, file_marker, prose
from interfix.completion.stops.language import another_language
from interfix.completion.stops.line import blank_lines, end_of_line
from interfix.completion.stops.repetition import loop
from interfix.completion.stops.suffix import suffix_met

logger = logging.getLogger(__name__)

Rule = Callable[[Hole, str], int | None]

HOLE: tuple[Rule, ...] = (end_of_line, end_of_block, suffix_met, remark, blank_lines)
"""Where the hole ends."""
LAPSES: tuple[Rule, ...] = (loop, prompt_again, another_language, fence, file_marker, prose)
"""Where the model no longer writes this file: what base models do for want of an end."""
VICES = frozenset(rule.__name__ for rule in LAPSES)
"""The names of the latter."""
DOUBTFUL = math.log(0.6)
"""Below that a block that nobody asked for ends with the statement it is at: little of what follows is right, and somebody would
have to read it."""
PATIENCE = 3
"""Who asked waits so many times longer, and not while the prompt is read."""
TIME_LIMIT = "time_limit"
"""The name under which the clock ends it."""
UNSURE = "unsure"
"""The name under which doubt ends it."""


class Stopper:
    """Reads a completion as it streams and says when to close the stream."""

    def __init__(
        self,
        hole: Hole,
        seconds: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        sure: Callable[[], bool] = lambda: True,
    ) -> None:
        """After so many `seconds`, unless they are 0, it ends with the line that is being written; for who asked see `PATIENCE`.

        A line brings its block along where what was fed is `sure` enough to be shown to somebody who has not asked.
        """
        self._hole = hole
        self._sure = sure
        self._rules = HOLE + LAPSES
        self._clock = clock
        self._seconds = seconds * (PATIENCE if hole.requested else 1) or math.inf
        self._late = math.inf if hole.requested else clock() + self._seconds
        self._raw = ""
        self._logprobs: list[float] = []
        self.text = ""
        """What is to be kept of all that was fed, with `\\n` line endings."""
        self.rule = ""
        """Name of the rule that ended it; empty while it goes on."""

    def feed(self, piece: str, logprob: float = 0.0) -> bool:
        """Take the next token's text and log-probability; True where the completion has ended."""
        self._raw += piece
        if not self._logprobs:
            self._late = min(self._late, self._clock() + self._seconds)
        if self._hole.may_grow and "\n" in piece and not self._sure():
            self._hole = replace(self._hole, may_grow=False)
        self._logprobs.append(logprob)
        self.text = self._raw.replace("\r\n", "\n").replace("\r", "\n")
        return bool(piece) and (self._apply(self.text) or self._too_late(piece) or self._unsure())

    def finish(self, *, cut_short: bool) -> None:
        """The model has ended, or was `cut_short` by its token limit: then a last line that may be half a line is left out.

        The only line is kept for who asked for it.
        """
        if cut_short and ("\n" in self.text.strip() or not self._hole.requested):
            self.text = self.text[: max(0, self.text.rstrip().rfind("\n"))]
        # A rule that waits for the end of a line is asked again as if the last one had ended.
        self._apply(self.text + "\n")

    def _mean(self) -> float:
        return sum(self._logprobs) / max(1, len(self._logprobs))

    def _unsure(self) -> bool:
        """A block that nobody asked for and of which the model is not sure ends with the statement it is at."""
        if self._hole.requested or self._hole.shape is not Shape.BLOCK or self._mean() >= DOUBTFUL:
            return False
        end = next_statement(self._hole, self.text)
        if end is None:
            return False
        self.text, self.rule = self.text[:end], UNSURE
        return True

    def _too_late(self, piece: str) -> bool:
        lines = self.text.rpartition("\n")[0]
        if "\n" not in piece or not lines.strip() or self._clock() < self._late:
            return False
        self.text, self.rule = lines, TIME_LIMIT
        return True

    def _apply(self, text: str) -> bool:
        kept = [(keep, rule) for rule in self._rules if (keep := self._ask(rule, text)) is not None]
        if not kept:
            return False
        keep, rule = min(kept, key=lambda found: found[0])
        self.text, self.rule = self.text[:keep], rule.__name__
        return True

    def _ask(self, rule: Rule, text: str) -> int | None:
        try:
            return rule(self._hole, text)
        except Exception as error:
            # The message of an error may hold source text, which only the debug level logs.
            logger.warning("stop rule %s failed and is left out: %s", rule.__name__, type(error).__name__)
            logger.debug("stop rule %s", rule.__name__, exc_info=error)
            self._rules = tuple(other for other in self._rules if other is not rule)
            return None
