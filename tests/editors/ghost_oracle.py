"""Judges what Visual Studio Code showed by what the server had offered: a suggestion behind another text is stale."""

from collections.abc import Iterable, Sequence
from typing import Any

from tests.editors.vscode_driver import Frame


def find_stale(frames: Iterable[Frame], line: str, row: int, messages: Sequence[dict[str, Any]]) -> list[Frame]:
    """The frames whose suggestion nobody had offered for the text before it.

    `line` is what was typed into the line of number `row` (from 0), from its start; `heard` what editor and server said.
    """
    offered = _collect_offers(line, row, messages)
    return [each for each in frames if each.ghost and not _is_offered(each, line, offered)]


def _is_offered(frame: Frame, line: str, offered: Iterable[str]) -> bool:
    if frame.ghost.startswith("\n"):  # the lines below, which the editor sometimes draws a frame before the first
        return any(offer.endswith(frame.ghost) for offer in offered)
    shown = frame.before + frame.ghost
    # The lines below are sometimes taken away a frame before the first.
    return line.startswith(frame.before) and any(offer == shown or offer.startswith(shown + "\n") for offer in offered)


def _collect_offers(line: str, row: int, messages: Sequence[dict[str, Any]]) -> set[str]:
    """The line as each suggestion would have made it; what was said before a document was closed is of another one."""
    columns: dict[Any, int] = {}
    offers: set[str] = set()
    for each in messages:
        message = each["message"]
        if message.get("method") == "initialize":  # ids begin anew
            columns.clear()
        elif message.get("method") == "textDocument/didClose":
            offers.clear()
        elif message.get("method") == "textDocument/inlineCompletion":
            position = message["params"]["position"]
            columns |= {message["id"]: position["character"]} if position["line"] == row else {}
        elif each["server"] and message.get("id") in columns:
            items = (message.get("result") or {}).get("items", ())
            offers |= {(line[: columns[message["id"]]] + item["insertText"]).rstrip() for item in items}
    return offers
