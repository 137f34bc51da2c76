"""Answers a question about code in Markdown, as it is written. Knows no editor and keeps no conversation."""

from collections.abc import AsyncGenerator

from interfix.commands.asking import Asking
from interfix.commands.selection import meant
from interfix.commands.situation import Situation
from interfix.commands.telling import told
from interfix.errors import BadUsage


def ask(asking: Asking, situation: Situation) -> AsyncGenerator[str, None]:
    """Stream the answer to the words, about what the selection means (see `meant`); closing it stops the engine.

    Raises `BadUsage` where there is no code or no question, and what the engine raises.
    """
    if not situation.words.strip():
        raise BadUsage("To ask needs a question.")
    selection = meant(situation.snapshot, situation.start, situation.end)
    return told(asking, situation, selection, "ask", asking.settings.commands.ask, {"question": situation.words})
