"""Writes text to a terminal, a notification, Markdown or a log, one module each. No text can act there as a command."""
