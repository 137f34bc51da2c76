"""Sentences for an editor's notifications, dialogues and lists, where VS Code follows `[text](command:…)`."""

import re

from interfix.output.visible_text import on_one_line

LONGEST = 2000
"""Characters of a notification at most."""
_LINK = re.compile(r"\](?=[(\[])")


def notification_text(text: str) -> str:
    """The text on one line, bounded, with nothing in it that an editor could follow.

    VS Code looks for `](` followed by an address, and knows no way to escape it, so the two are set apart.
    """
    shown = _LINK.sub("] ", on_one_line(text))
    return shown if len(shown) <= LONGEST else f"{shown[: LONGEST - 2]} …"
