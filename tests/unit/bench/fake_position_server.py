"""A language server that completes a hole with what the text after `ANSWER_MARKER` in the document says. For tests of the bench."""

import sys
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("lines", "1")


@server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
def complete(server: LanguageServer, params: types.InlineCompletionParams) -> types.InlineCompletionList:
    document = server.workspace.get_text_document(params.text_document.uri)
    here = params.position
    print("noise on stderr", file=sys.stderr)
    if "ERROR" in document.source:
        raise ValueError("no answer")
    if "EXIT" in document.source:
        sys.stdout.close()
        raise SystemExit(3)
    if "NOTHING" in document.source:
        server.window_show_message(types.ShowMessageParams(types.MessageType.Warning, "There is nothing here."))
        return types.InlineCompletionList([])
    if "WHERE" in document.source:
        return types.InlineCompletionList([types.InlineCompletionItem(document.uri)])
    line = document.lines[here.line]
    whole = types.Range(types.Position(here.line, 0), types.Position(here.line, len(line.rstrip().encode("utf-16-le")) // 2))
    left = line.encode("utf-16-le")[: 2 * here.character].decode("utf-16-le")
    right = line.rstrip()[len(left) :]
    text = f"{document.language_id}@{here.line}:{here.character}"
    return types.InlineCompletionList([types.InlineCompletionItem(left + text + right, range=whole)])


@server.command("interfix.status")
def status(_: LanguageServer, *_arguments: object) -> dict[str, object]:
    return {"reading": 0, "indexes": {"/ws": {"ready": True}}}


@server.command("interfix.why")
def why(server: LanguageServer, argument: dict[str, Any]) -> dict[str, Any]:
    source = server.workspace.get_text_document(argument["uri"]).source
    prompt = {"model": "small", "prompt": source} if "position" in argument else {}
    return {"prompt_tokens": 2000, "budget": 2000 - ("OVER" in source), "context_ms": 12.5, **prompt}


if __name__ == "__main__":
    server.start_io()
