"""Sentences for an editor's notifications, dialogues and lists, where VS Code follows `[text](command:…)`."""

import re

from interfix.output.control_characters import format_one_line
from interfix.output.markdown_code import quote_code_spans

MAX_NOTIFICATION_CHARACTERS = 2000
"""Characters of a notification at most."""
_LINK = re.compile(r"\](?=[(\[])")


def format_notification(text: str) -> str:
    """The text on one line, bounded, with nothing in it that an editor could follow, and no Markdown.

    VS Code looks for `](` followed by an address, and knows no way to escape it, so the two are set apart.
    """
    sanitized = _LINK.sub("] ", format_one_line(quote_code_spans(text)))
    return sanitized if len(sanitized) <= MAX_NOTIFICATION_CHARACTERS else f"{sanitized[: MAX_NOTIFICATION_CHARACTERS - 2]} …"
