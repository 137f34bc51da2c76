"""Notebooks over stdio with the real server: whatever a client says of them, each request has its reply.

About `lsp/notebook_sync.py`.
"""

import random
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.server_process import TIMEOUT_SECONDS
from tests.raw_client import RawClient

CELLS = 6
TEXTS = ["x = 1\n", "%%bash\nls\n", "def f(n):\n    return n\n", "é = '𝔘'\n", "", "!ls\n"]
SEED = 20261130


class WildNotebook:
    """Says of a notebook what is right and what is not, with a request behind each."""

    def __init__(self, client: RawClient, folder: Path) -> None:
        self._client = client
        self._random = random.Random(SEED)
        self._uri = (folder / "lab.ipynb").as_uri()
        self._path = folder / "lab.ipynb"

    def cell_uri(self) -> str:
        return f"vscode-notebook-cell:{self._path}#W{self._random.randrange(CELLS)}sZmlsZQ%3D%3D"

    def cell(self) -> dict[str, Any]:
        return {"kind": self._random.choice([1, 2]), "document": self.cell_uri()}

    def document(self) -> dict[str, Any]:
        language = self._random.choice(["python", "python", "markdown", "shellscript", ""])
        text = self._random.choice([*TEXTS, "x" * 200_000])
        return {"uri": self.cell_uri(), "languageId": language, "version": self._random.choice([-1, 0, 1, 7]), "text": text}

    def place(self) -> dict[str, int]:
        return {"line": self._random.choice([0, 1, 2, 9999]), "character": self._random.choice([0, 3, 2**31 - 1])}

    def say_something(self) -> None:
        choose = self._random.choice
        documents = [self.document() for _ in range(choose([0, 1, 4]))]
        version = choose([-3, 0, 1, 2**31 - 1])
        array = {"start": choose([0, 1, 99, 2**31 - 1]), "deleteCount": choose([0, 1, 2**31 - 1])}
        cells = choose([[], [self.cell()], [self.cell() for _ in range(20)]])
        changes = [choose([{"text": choose(TEXTS)}, {"range": {"start": self.place(), "end": self.place()}, "text": "y\n"}])]
        change = choose(
            [
                {"structure": {"array": {**array, "cells": cells}, "didOpen": documents}},
                {"structure": {"array": array, "didClose": [{"uri": self.cell_uri()}]}},
                {"data": cells},
                {"textContent": [{"document": {"uri": self.cell_uri(), "version": version}, "changes": changes}]},
                {},
                {"structure": {"array": "none"}},
                {"textContent": [{"document": {"uri": self.cell_uri(), "version": "new"}, "changes": [7]}]},
            ]
        )
        notebook = {"uri": choose([self._uri, "", "untitled:nb"]), "version": version}
        opened = {"notebookDocument": {**notebook, "notebookType": "x", "cells": cells}, "cellTextDocuments": documents}
        closed = {"notebookDocument": notebook, "cellTextDocuments": [{"uri": self.cell_uri()}]}
        method, params = choose(
            [
                ("didOpen", opened),
                ("didOpen", {"notebookDocument": {"uri": self._uri}}),
                *[("didChange", {"notebookDocument": notebook, "change": {"cells": change}})] * 6,
                ("didChange", {"notebookDocument": notebook, "change": {"metadata": {"a": [{}] * 100}}}),
                ("didSave", {"notebookDocument": notebook}),
                ("didClose", closed),
                ("didClose", {}),
            ]
        )
        self._client.notify(f"notebookDocument/{method}", params)

    def ask_something(self) -> None:
        document = {"textDocument": {"uri": self.cell_uri()}}
        place = {"start": self.place(), "end": self.place()}
        method, params = self._random.choice(
            [
                ("textDocument/inlineCompletion", {**document, "position": self.place(), "context": {"triggerKind": 2}}),
                ("textDocument/codeAction", {**document, "range": place, "context": {"diagnostics": []}}),
                ("textDocument/copilotInlineEdit", {**document, "position": self.place()}),
            ]
        )
        self._client.request(method, params)


@pytest.mark.slow
async def test_every_request_has_its_reply_whatever_was_said_of_a_notebook(environment: dict[str, str], tmp_path: Path) -> None:
    client = await RawClient.start(environment, folder=str(tmp_path))
    try:
        await client.initialize(tmp_path.as_uri())
        notebook = WildNotebook(client, tmp_path)
        for _ in range(150):
            notebook.say_something()
            notebook.ask_something()
        await client.drain()
        assert await client.list_unanswered(TIMEOUT_SECONDS) == []
        # It still does what it is asked for.
        status = client.request("workspace/executeCommand", {"command": "interfix.status", "arguments": []})
        await client.wait(TIMEOUT_SECONDS)
        assert client.replies[status]["result"]
        internal = [reply for reply in client.replies.values() if reply.get("error", {}).get("code") == -32603]
        assert internal == []
    finally:
        await client.close()
