"""The page for people who write a client (editors/PROTOCOL.md) says what the server does, example by example.

About all of `lsp/`.
"""

import json
import re
from typing import Any

import msgspec
import pytest
from lsprotocol import converters, types

from interfix.lsp.execute_command import COMMAND_HANDLERS
from interfix.lsp.next_edit import NEXT_EDIT, NextEditParams
from interfix.lsp.server import ROUTES
from interfix.lsp.status_publisher import ServerState
from tests.unit.lsp.fake_editor import FakeEditor
from tests.unit.lsp.protocol_page import EXAMPLES, PAGE, read_examples


def read_rows(heading: str) -> list[str]:
    """What the first column of the table under a heading names."""
    section = PAGE.split(f"## {heading}\n")[1].split("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def test_every_method_stands_there_and_no_other() -> None:
    assert sorted(read_rows("Standard methods")) == sorted(route.method for route in ROUTES)


def test_every_command_stands_there_and_no_other() -> None:
    assert sorted(read_rows("Commands")) == sorted(COMMAND_HANDLERS)


def test_every_state_stands_there() -> None:
    section = PAGE.split("## Status\n")[1]
    assert set(ServerState) <= set(re.findall(r"`(\w+)`", section))


@pytest.mark.parametrize(
    "body", [body for kind, body in EXAMPLES if kind in ("request", "notification")], ids=lambda body: body["method"]
)
def test_what_a_client_sends_is_what_lsp_and_the_commands_take(body: dict[str, Any]) -> None:
    message = {"jsonrpc": "2.0", "id": 1, **body}
    if body["method"] in types.METHOD_TO_TYPES:
        converters.get_converter().structure(message, types.METHOD_TO_TYPES[body["method"]][0])
    if body["method"] == NEXT_EDIT:
        given = json.loads(msgspec.json.encode(msgspec.convert(body["params"], NextEditParams)))
        assert body["params"].items() <= given.items(), "a field of the page is unknown to the server"
    if body["method"] == types.WORKSPACE_EXECUTE_COMMAND:
        (argument,) = body["params"]["arguments"]
        shape, _ = COMMAND_HANDLERS[body["params"]["command"]]
        given = json.loads(msgspec.json.encode(msgspec.convert(argument, shape)))
        assert argument.items() <= given.items(), "a field of the page is unknown to the server"


async def test_a_conversation_goes_as_the_page_says(editor: FakeEditor) -> None:
    editor.responders["workspace/configuration"] = lambda _: [None]
    (greeting,) = read_examples("request", types.INITIALIZE)
    told = await editor.request(types.INITIALIZE, greeting["params"])
    (capabilities,) = read_examples("capabilities")
    assert told["capabilities"] == capabilities
    editor.notify("initialized", {})
    (opened,) = read_examples("notification", types.TEXT_DOCUMENT_DID_OPEN)
    editor.send(opened)

    (asked,) = read_examples("request", types.TEXT_DOCUMENT_INLINE_COMPLETION)
    reply = await editor.request(asked["method"], asked["params"])
    (result,) = read_examples("result")
    result["items"][0]["command"]["arguments"] = reply["items"][0]["command"]["arguments"]
    assert reply == result

    (status,) = read_examples("notification from the server", "interfix/status")
    assert status in [{"method": notice["method"], "params": notice["params"]} for notice in editor.notifications]


async def test_an_explanation_streams_as_the_page_says(editor: FakeEditor) -> None:
    (greeting,) = read_examples("request", types.INITIALIZE)
    await editor.request(types.INITIALIZE, greeting["params"])
    editor.notify("initialized", {})
    editor.send(*read_examples("notification", types.TEXT_DOCUMENT_DID_OPEN))
    (asked,) = [
        body
        for body in read_examples("request", types.WORKSPACE_EXECUTE_COMMAND)
        if body["params"]["command"] == "interfix.explain"
    ]
    answer = await editor.request(asked["method"], asked["params"])
    (report,) = read_examples("notification from the server", "$/progress")
    values = [notice["params"]["value"] for notice in editor.notifications if notice["method"] == "$/progress"]
    assert [value["kind"] for value in values] == ["begin", *["report"] * (len(values) - 2), "end"]
    assert all(value.keys() == report["params"]["value"].keys() for value in values[1:-1])
    assert "".join(value["message"] for value in values[1:-1]) == answer["markdown"]
