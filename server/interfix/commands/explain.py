"""Explains code in Markdown, as it is written. Knows no editor and keeps no conversation."""

from collections.abc import AsyncGenerator

from interfix.commands.asking import Asking
from interfix.commands.selection import meant
from interfix.commands.situation import Situation
from interfix.commands.telling import told


def explain(asking: Asking, situation: Situation) -> AsyncGenerator[str, None]:
    """Stream the explanation of what the selection means (see `meant`); closing it stops the engine.

    Raises `BadUsage` where there is no code, and what the engine raises.
    """
    selection = meant(situation.snapshot, situation.start, situation.end)
    return told(asking, situation, selection, "explain", asking.settings.commands.explain)
