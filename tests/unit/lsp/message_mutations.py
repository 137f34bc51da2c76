"""Messages of an editor with something wrong in them, at random from a seed."""

import random
from collections.abc import Iterator
from typing import Any

from interfix.lsp.server import ROUTES

CODE = "import os\n\n\ndef main(path):\n    total = 0\n    for name in os.listdir(path):\n        total += \n    return total\n"
CURSOR = {"line": 6, "character": 17}
LEFT_OUT = {"initialize", "initialized", "shutdown", "exit"}
ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    0.5,
    2**31,
    2**63,
    -(2**63),
    1e308,
    "",
    "\x00",
    "\ud800",
    "\u202e\x1b[2J",
    "a" * 100_000,
    "file:///%00",
    "file://host/share/x.py",
    "untitled:x",
    [],
    {},
    [[[[]]]],
)


def list_messages(uri: str) -> Iterator[tuple[str, Any, bool]]:
    """Method, sound params, and whether a reply is due, of every message that a client may send."""
    document, span = {"uri": uri, "version": 2}, {"start": {"line": 0, "character": 0}, "end": CURSOR}
    params = {
        "textDocument": {"uri": uri, "languageId": "python", "version": 1, "text": CODE},
        "position": CURSOR,
        "range": span,
        "context": {"triggerKind": 1, "diagnostics": [], "selectedCompletionInfo": {"range": span, "text": "total"}},
        "contentChanges": [{"range": span, "text": "x = 1\n"}, {"text": CODE}],
        "event": {"added": [], "removed": [{"uri": uri, "name": "x"}]},
        "settings": {"interfix": {"completion": {"threshold": 0.5}}},
        "label": "x",
        "title": "x",
        "item": {"range": span, "text": "x", "textDocument": document},
        "data": {"command": "interfix.refactor", "arguments": [{"uri": uri, "range": span}]},
    }
    notifications = ("textDocument/did", "workspace/did", "window/", "interfix/did", "notebookDocument/did")
    for route in ROUTES:
        method = str(route.method)
        if method not in LEFT_OUT and method != "workspace/executeCommand":
            yield method, params, not method.startswith(notifications)
    argument = {
        "uri": uri,
        "range": span,
        "position": CURSOR,
        "instruction": "shorten it",
        "question": "why?",
        "name": "x",
        "id": "1",
    }
    for name in ("explain", "ask", "refactor", "document", "test", "fix", "run", "answer", "commitMessage", "status", "why"):
        yield "workspace/executeCommand", {"command": f"interfix.{name}", "arguments": [argument]}, True
    for name in ("models", "statistics", "accepted", "dismissed", "snooze"):
        yield "workspace/executeCommand", {"command": f"interfix.{name}", "arguments": [argument]}, True
    yield "textDocument/hover", params, True
    yield "$/nonesuch", params, False


def mutate_value(value: Any, rng: random.Random, depth: int = 0) -> Any:
    """A value with some part of it replaced, left out or added to."""
    if isinstance(value, dict) and value and (depth == 0 or rng.random() < 0.7):
        key = rng.choice([*value])
        match rng.randrange(6):
            case 0:
                return {name: each for name, each in value.items() if name != key}
            case 1:
                return {**value, "\x00odd": rng.choice(ODD_VALUES)}
            case _:
                return {**value, key: mutate_value(value[key], rng, depth + 1)}
    if isinstance(value, list) and value and rng.random() < 0.5:
        at = rng.randrange(len(value))
        return [*value[:at], mutate_value(value[at], rng, depth + 1), *value[at:]]
    if isinstance(value, int) and not isinstance(value, bool) and rng.random() < 0.5:
        return rng.randrange(30)
    return rng.choice(ODD_VALUES)
