"""What is trimmed off a completion before it is shown, in this order, one file each. A filter that fails is left out.

A filter is a pure function of the hole and the text, and returns the text it would rather show; empty text is not shown.
"""

import logging
from collections.abc import Callable

from interfix.completion.filters.balance import balanced
from interfix.completion.filters.following_lines import without_following_lines
from interfix.completion.filters.half_words import whole_words
from interfix.completion.filters.indentation import as_file_indents
from interfix.completion.filters.line_endings import with_line_endings
from interfix.completion.filters.masked_values import without_masked_values
from interfix.completion.filters.nearby import without_nearby
from interfix.completion.filters.repeats import without_repeats
from interfix.completion.filters.restating import without_restating
from interfix.completion.filters.same_line import without_rest_of_line
from interfix.completion.filters.seam import joined
from interfix.completion.filters.trailing import without_trailing_space
from interfix.completion.hole import Hole

logger = logging.getLogger(__name__)

Filter = Callable[[Hole, str], str]

TRIMMING: tuple[Filter, ...] = (
    without_masked_values,
    joined,
    whole_words,
    as_file_indents,
    without_following_lines,
    without_rest_of_line,
    balanced,
    without_repeats,
    without_nearby,
    without_restating,
    without_trailing_space,
)
FINISHING: tuple[Filter, ...] = (with_line_endings,)
"""After the gate, on text that is certain to be shown."""


def filtered(hole: Hole, text: str, filters: tuple[Filter, ...] = TRIMMING) -> str:
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
