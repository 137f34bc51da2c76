"""What a piece of text is, asked without a document: does it parse, what does it define. For checking a model's answer."""

from interfix.syntax.definitions import scopes_in
from interfix.syntax.languages import Language
from interfix.syntax.queries import matches
from interfix.syntax.snapshot import Snapshot
from interfix.syntax.trees import errors


def error_count(language: Language | None, text: bytes) -> int:
    """How many places of `text` (UTF-8) do not fit the language's grammar; 0 where there is no grammar."""
    grammar = language.load() if language else None
    return errors(grammar.parse(text)) if grammar else 0


def signatures(snapshot: Snapshot, start: int, end: int) -> tuple[str, ...]:
    """The headers of all scopes, and the names of other definitions, that lie wholly in the bytes `start` to `end`, in order.

    White space is evened out and decorators are left out, so that two layouts of the same definition give the same signature.
    """
    found = {
        scope.header: snapshot.data[scope.header : scope.signature_end]
        for scope in scopes_in(snapshot, start, end)
        if start <= scope.header and scope.end <= end
    }
    for captures in matches(snapshot, "definitions", start, end):
        for node in captures["name"]:
            if start <= node.start_byte and node.end_byte <= end:
                found[node.start_byte] = snapshot.data[node.start_byte : node.end_byte]
    return tuple(" ".join(found[at].decode("utf-8", "replace").split()).removesuffix(":") for at in sorted(found))
