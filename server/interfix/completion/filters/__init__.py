"""What is trimmed off a completion before it is shown, in this order, one file each. A filter that fails is left out.

A filter is a pure function of the hole and the text, and returns the text it would rather show; empty text is not shown.
"""

import logging
from collections.abc import Callable

from interfix.completion.filters.adjacent_lines import drop_adjacent_lines
from interfix.completion.filters.boundary_space import trim_boundary_space
from interfix.completion.filters.bracket_and_quote_balance import balance_brackets
from interfix.completion.filters.cursor_line_overlap import trim_cursor_line_overlap
from interfix.completion.filters.indentation import match_file_indentation
from interfix.completion.filters.line_endings import restore_line_endings
from interfix.completion.filters.lines_below_overlap import trim_lines_below_overlap
from interfix.completion.filters.masked_values import drop_masked_values
from interfix.completion.filters.redundant_comments import drop_redundant_comments
from interfix.completion.filters.self_repetition import trim_repeated_lines
from interfix.completion.filters.trailing_space import trim_trailing_space
from interfix.completion.filters.word_overlap import trim_word_overlap
from interfix.completion.hole import InfillHole

logger = logging.getLogger(__name__)

Filter = Callable[[InfillHole, str], str]

TRIM_FILTERS: tuple[Filter, ...] = (
    drop_masked_values,
    trim_boundary_space,
    trim_word_overlap,
    match_file_indentation,
    trim_lines_below_overlap,
    trim_cursor_line_overlap,
    balance_brackets,
    trim_repeated_lines,
    drop_adjacent_lines,
    drop_redundant_comments,
    trim_trailing_space,
)
FILE_FREE_FILTERS: tuple[Filter, ...] = (
    drop_masked_values,
    trim_word_overlap,
    trim_lines_below_overlap,
    trim_cursor_line_overlap,
    trim_repeated_lines,
    drop_adjacent_lines,
    trim_trailing_space,
)
"""Those that need no more than the text around the hole; indentation is left to who inserts the text."""
FINAL_FILTERS: tuple[Filter, ...] = (restore_line_endings,)
"""After the gate, on text that is certain to be shown."""


def apply_filters(hole: InfillHole, text: str, filters: tuple[Filter, ...] = TRIM_FILTERS) -> str:
    """The text as every filter would have it; empty where nothing but white space is left."""
    for step in filters:
        if not text.strip():
            return ""
        try:
            text = step(hole, text)
        except Exception as error:
            # The message of an error may hold source text, which only the debug level logs.
            logger.warning("filter %s failed and is left out: %s", step.__name__, type(error).__name__)
            logger.debug("filter %s", step.__name__, exc_info=error)
    return text


def find_emptying_filter(hole: InfillHole, text: str) -> str:
    """The name of the filter that leaves nothing of the text; empty where none does."""
    for step in TRIM_FILTERS:
        text = apply_filters(hole, text, (step,))
        if not text:
            return step.__name__
    return ""
