"""When a completion is complete. A base model never ends by itself, so every token is read by rules, one file a kind.

A rule is a pure function of the hole and the text so far. It says how many characters of the text to keep, or None to read on. The
first to speak ends the stream; where several do at once the shortest text wins.
"""

import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

from interfix.completion.hole import InfillHole
from interfix.completion.multiline_choice import SuggestionShape
from interfix.completion.stops.block_end import find_statement_end, stop_at_block_end
from interfix.completion.stops.cell_end import stop_at_cell_end
from interfix.completion.stops.line_breaks import stop_at_blank_lines, stop_at_line_end
from interfix.completion.stops.off_topic import stop_at_fence, stop_at_file_marker, stop_at_prose
from interfix.completion.stops.prompt_echo import stop_at_prompt_echo
from interfix.completion.stops.repetition import stop_at_loop
from interfix.completion.stops.suffix_reached import stop_at_suffix
from interfix.completion.stops.trailing_comment import stop_at_trailing_comment
from interfix.completion.stops.wrong_language import stop_at_wrong_language

logger = logging.getLogger(__name__)

StopRule = Callable[[InfillHole, str], int | None]


def get_rule_name(rule: StopRule) -> str:
    """The name users read of a rule: its function's, without `stop_at_`."""
    return getattr(rule, "__name__", "").removeprefix("stop_at_")


HOLE_END_RULES: tuple[StopRule, ...] = (
    stop_at_line_end,
    stop_at_block_end,
    stop_at_suffix,
    stop_at_cell_end,
    stop_at_trailing_comment,
    stop_at_blank_lines,
)
"""Where the hole ends."""
DEGENERATION_RULES: tuple[StopRule, ...] = (
    stop_at_loop,
    stop_at_prompt_echo,
    stop_at_wrong_language,
    stop_at_fence,
    stop_at_file_marker,
    stop_at_prose,
)
"""Where the model no longer writes this file: what base models do for want of an end."""
ALL_RULES = HOLE_END_RULES + DEGENERATION_RULES
"""Every rule."""
FILE_FREE_RULES: tuple[StopRule, ...] = (
    stop_at_block_end,
    stop_at_suffix,
    stop_at_blank_lines,
    stop_at_loop,
    stop_at_prompt_echo,
    stop_at_fence,
    stop_at_file_marker,
)
"""Those that need no more than the text around the hole: neither a language nor a tree."""
DEGENERATION_NAMES = frozenset(get_rule_name(rule) for rule in DEGENERATION_RULES)
"""The names of the latter."""
MIN_BLOCK_LOGPROB = math.log(0.6)
"""Below that a block that nobody asked for ends with the statement it is at: little of what follows is right, and somebody would
have to read it."""
EXPLICIT_TIME_FACTOR = 3
"""Who asked waits so many times longer, and not while the prompt is read."""
TIME_LIMIT = "time_limit"
"""The name under which the clock ends it."""
LOW_CONFIDENCE = "unsure"
"""The name under which doubt ends it."""


class StreamStopper:
    """Reads a completion as it streams and says when to close the stream."""

    def __init__(
        self,
        hole: InfillHole,
        max_seconds: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        is_confident: Callable[[], bool] = lambda: True,
        rules: Sequence[StopRule] | None = None,
    ) -> None:
        """After `max_seconds`, unless they are 0, it ends with the line that is being written; for who asked after
        `EXPLICIT_TIME_FACTOR` times as many.

        A line brings its block along where `is_confident` says that it may be shown to somebody who has not asked.
        """
        self._hole = hole
        self._is_confident = is_confident
        self._rules = ALL_RULES if rules is None else tuple(rules)
        self._clock = clock
        self._seconds = max_seconds * (EXPLICIT_TIME_FACTOR if hole.explicit else 1) or math.inf
        self._deadline = math.inf if hole.explicit else clock() + self._seconds
        self._raw = ""
        self._logprobs: list[float] = []
        self.text = ""
        """What is to be kept of all that was fed, with `\\n` line endings."""
        self.stop_rule = ""
        """Name of the rule that ended it; empty while it goes on."""

    def feed(self, token_text: str, logprob: float = 0.0) -> bool:
        """Take the next token's text and log-probability; True where the completion has ended."""
        self._raw += token_text
        if not self._logprobs:
            self._deadline = min(self._deadline, self._clock() + self._seconds)
        if self._hole.may_add_block and "\n" in token_text and not self._is_confident():
            self._hole = replace(self._hole, may_add_block=False)
        self._logprobs.append(logprob)
        self.text = self._raw.replace("\r\n", "\n").replace("\r", "\n")
        return bool(token_text) and (self._apply_rules(self.text) or self._stop_if_late(token_text) or self._stop_if_unsure())

    def finish(self, *, cut_short: bool) -> None:
        """The model has ended, or was `cut_short` by its token limit: then a last line that may be half a line is left out.

        The only line is kept for who asked for it.
        """
        if cut_short and ("\n" in self.text.strip() or not self._hole.explicit):
            self.text = self.text[: max(0, self.text.rstrip().rfind("\n"))]
        # A rule that waits for the end of a line is asked again as if the last one had ended.
        self._apply_rules(self.text + "\n")

    def _compute_mean_logprob(self) -> float:
        return sum(self._logprobs) / max(1, len(self._logprobs))

    def _stop_if_unsure(self) -> bool:
        """A block that nobody asked for and of which the model is not sure ends with the statement it is at."""
        if (
            self._hole.explicit
            or self._hole.shape is not SuggestionShape.BLOCK
            or self._compute_mean_logprob() >= MIN_BLOCK_LOGPROB
        ):
            return False
        end = find_statement_end(self._hole, self.text)
        if end is None:
            return False
        self.text, self.stop_rule = self.text[:end], LOW_CONFIDENCE
        return True

    def _stop_if_late(self, token_text: str) -> bool:
        lines = self.text.rpartition("\n")[0]
        if "\n" not in token_text or not lines.strip() or self._clock() < self._deadline:
            return False
        self.text, self.stop_rule = lines, TIME_LIMIT
        return True

    def _apply_rules(self, text: str) -> bool:
        cuts = [(keep, rule) for rule in self._rules if (keep := self._run_rule(rule, text)) is not None]
        if not cuts:
            return False
        keep, rule = min(cuts, key=lambda cut: cut[0])
        self.text, self.stop_rule = self.text[:keep], get_rule_name(rule)
        return True

    def _run_rule(self, rule: StopRule, text: str) -> int | None:
        try:
            return rule(self._hole, text)
        except Exception as error:
            # The message of an error may hold source text, which only the debug level logs.
            logger.warning("stop rule %s failed and is left out: %s", get_rule_name(rule), type(error).__name__)
            logger.debug("stop rule %s", get_rule_name(rule), exc_info=error)
            self._rules = tuple(other for other in self._rules if other is not rule)
            return None
