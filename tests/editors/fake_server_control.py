"""Controls fake_server.lua from a test: wait for its requests, let it answer, wait for what Neovim shows."""

import json

from tests.editors.neovim_driver import Neovim


def wait_for_requests(editor: Neovim, count: int) -> None:
    """Wait until the server has been asked so many times in all."""
    editor.wait_until(lambda: editor.run_lua("return #require('fake_server').requests") >= count, f"request {count}")


def send_answer(editor: Neovim, nth: int, result: object) -> None:
    """Let the server answer the nth request, cancelled or not."""
    editor.run_lua("require('fake_server').answer(...)", nth, json.dumps(result))


def send_suggestions(editor: Neovim, nth: int, *texts: str, columns: tuple[int, int] | None = None) -> None:
    """Let the server answer the nth request with insertions, or with texts for these columns (in bytes) of the first line."""
    command = {"title": "Accepted", "command": "interfix.accepted", "arguments": [{"id": "1"}]}
    items: list[dict[str, object]] = [{"insertText": text, "command": command} for text in texts]
    for item in items if columns else []:
        item["range"] = {side: {"line": 0, "character": at} for side, at in zip(("start", "end"), columns or (), strict=True)}
    send_answer(editor, nth, {"items": items})


def wait_for_answers(editor: Neovim) -> None:
    """Return once Neovim has handled every answer given so far: they are scheduled in order, and so is this."""
    editor.run_lua("_G.answered = false; vim.schedule(function() _G.answered = true end)")
    editor.wait_until(lambda: editor.run_lua("return _G.answered"), "the answers are handled")


def wait_for_ghost(editor: Neovim, text: str) -> None:
    editor.wait_until(lambda: editor.read_ghost() == text, f"ghost text {text!r}")
