"""Every request gets its reply, whatever lies in the workspace and among the models."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from interfix.inference_types import Role
from interfix.lsp.server import ROUTES
from tests.isolated_home import INTERFIX_COMMAND
from tests.raw_client import RawClient
from tests.unit.models.header_mutations import mutate_header
from tests.unit.system.file_traps import TRAPS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="FIFOs, devices and links of POSIX")

TIMEOUT_SECONDS = 200
"""For all replies together; nothing is expected to take near as long."""
NAMES = ("trap.py", "go.mod", "package.json", "pyproject.toml", ".gitignore", "Cargo.toml")
NOTIFICATIONS = {"initialized", "exit", "interfix/didShowInlineEdit"}
LONG_LINE = "x = [" + "1, " * 350_000 + "]\n"


def set_traps(folder: Path) -> None:
    for number, make in enumerate(TRAPS.values()):
        place = folder / f"folder{number}"
        place.mkdir()
        for name in NAMES:
            make(place / name)
        (place / "code.py").write_text("from trap import y\n\n\ndef f(a):\n    return \n")
    (folder / ".interfix.toml").write_text("x = " + "[" * 20_000)
    (folder / ".gitignore").write_text("*a" * 100 + "b\n")
    (folder / "long.py").write_text(LONG_LINE)
    (folder / os.fsdecode(b"caf\xe9.py")).write_text("x = 1\n")
    os.mkfifo(folder / "pipe.py")
    (folder / "self.py").symlink_to("self.py")
    (folder / "zero.py").symlink_to("/dev/zero")


def set_models(folder: Path) -> str:
    """A folder of models that are none; the path of one."""
    folder.mkdir()
    for seed in range(20):
        (folder / f"mutated{seed}.gguf").write_bytes(mutate_header(seed))
    os.mkfifo(folder / "pipe.gguf")
    (folder / "zero.gguf").symlink_to("/dev/zero")
    with (folder / "sparse.gguf").open("wb") as file:
        file.truncate(8 << 30)
    return str(folder / "sparse.gguf")


def list_requests(uri: str, commands: list[str]) -> Iterator[tuple[str, Any]]:
    """Every method that wants a reply, as an editor asks and with nonsense."""
    document, position = {"uri": uri}, {"line": 4, "character": 11}
    whole = {"start": {"line": 0, "character": 0}, "end": position}
    context = {"triggerKind": 1}
    action = {"command": "interfix.refactor", "arguments": {"uri": uri, "range": whole}}
    special_params: dict[str, Any] = {
        types.TEXT_DOCUMENT_INLINE_COMPLETION: {"textDocument": document, "position": position, "context": context},
        types.TEXT_DOCUMENT_COMPLETION: {"textDocument": document, "position": position},
        types.COMPLETION_ITEM_RESOLVE: {"label": "x", "textEdit": {"range": whole, "newText": "y"}},
        types.TEXT_DOCUMENT_CODE_ACTION: {"textDocument": document, "range": whole, "context": {"diagnostics": []}},
        types.CODE_ACTION_RESOLVE: {
            "title": "x",
            "data": action,
        },
    }
    for route in ROUTES:
        method = str(route.method)
        if method in NOTIFICATIONS or method.startswith(("textDocument/did", "workspace/did", "window/", "interfix/did")):
            continue
        if method in ("initialize", "shutdown", types.WORKSPACE_EXECUTE_COMMAND):
            continue
        yield method, special_params.get(method, {"textDocument": document, "position": position, "context": context})
        yield method, {"textDocument": {"uri": 1}, "position": None}
    for command in commands:
        for argument in ({"uri": uri, "range": whole, "instruction": "x", "question": "x"}, {"uri": [], "range": 5}, None):
            yield types.WORKSPACE_EXECUTE_COMMAND, {"command": command, "arguments": [argument] if argument else []}


async def test_every_request_gets_its_reply(isolated_environment: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "workspace"
    folder.mkdir()
    set_traps(folder)
    model = set_models(tmp_path / "models")
    environment = {**isolated_environment, "INTERFIX_MODELS_DIRECTORY": str(tmp_path / "models")}
    environment |= {f"INTERFIX_MODELS_{role.upper()}": model for role in (Role.BASE, Role.INSTRUCT)}
    client = await RawClient.start(environment)
    try:
        told = await client.initialize(folder.as_uri())
        commands = told["capabilities"]["executeCommandProvider"]["commands"]
        files = [
            *sorted(folder.glob("folder*/code.py")),
            folder / "long.py",
            folder / "pipe.py",
            folder / "self.py",
            folder / "zero.py",
        ]
        uris = [*(file.as_uri() for file in files), f"{folder.as_uri()}/caf%E9.py", "untitled:x", "file:///%00", "nonsense"]
        for uri in uris:
            text = LONG_LINE if uri.endswith("long.py") else "from trap import y\n\n\ndef f(a):\n    return \n"
            item = {"uri": uri, "languageId": "python", "version": 1, "text": text}
            client.notify("textDocument/didOpen", {"textDocument": item})
            client.notify("textDocument/didSave", {"textDocument": {"uri": uri}})
            for method, params in list_requests(uri, commands if uri in uris[:2] else []):
                client.request(method, params)
            await client.drain()
        assert await client.list_unanswered(TIMEOUT_SECONDS) == []
        failed = [reply["error"] for reply in client.replies.values() if reply.get("error", {}).get("code") == -32603]
        assert failed == []
        client.request("shutdown", None)
        assert await client.list_unanswered(TIMEOUT_SECONDS) == []
        assert len(client.replies) > 200
    finally:
        await client.close()
        subprocess.run([INTERFIX_COMMAND, "stop"], env=environment, check=False)  # noqa: ASYNC221 (the end of the test)
