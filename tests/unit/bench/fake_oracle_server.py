"""A language server that knows the rest of each line of the text in the file that `KNOWN` names. For tests of the typist."""

import os
from pathlib import Path

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("knowing", "1")


@server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
def complete(server: LanguageServer, params: types.InlineCompletionParams) -> types.InlineCompletionList:
    known = Path(os.environ["KNOWN"]).read_text()
    lines = server.workspace.get_text_document(params.text_document.uri).lines
    before = "".join(lines[: params.position.line]) + "".join(lines[params.position.line :])[: params.position.character]
    if not known.startswith(before):
        return types.InlineCompletionList([])
    rest = known[len(before) :].partition("\n")[0]
    accepted = types.Command(title="", command="knowing.accepted", arguments=[rest])
    return types.InlineCompletionList([types.InlineCompletionItem(rest, command=accepted)] if rest else [])


@server.feature(types.INITIALIZED)
def initialized(server: LanguageServer, params: types.InitializedParams) -> None:
    del params
    ready = {"state": "ready", "message": "", "percent": None, "base": "oracle", "instruct": "oracle", "servers": [], "version": 1}
    server.protocol.notify("interfix/status", ready)


@server.command("knowing.accepted")
def accepted(text: str) -> None:
    with Path(os.environ["ACCEPTED"]).open("a", encoding="utf-8") as file:
        file.write(text + "\n")


if __name__ == "__main__":
    server.start_io()
