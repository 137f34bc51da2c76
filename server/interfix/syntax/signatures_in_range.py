"""The definitions in a range of a document, to compare a model's answer with the code it replaces."""

from interfix.syntax.definitions import find_scopes
from interfix.syntax.query_matches import find_matches
from interfix.syntax.snapshot import Snapshot


def list_signatures(snapshot: Snapshot, start: int, end: int) -> tuple[str, ...]:
    """The headers of all scopes, and the names of other definitions, that lie wholly in the bytes `start` to `end`, in order.

    White space is evened out and decorators are left out, so that two layouts of the same definition give the same signature.
    """
    signatures = {
        scope.header_start: snapshot.data[scope.header_start : scope.signature_end]
        for scope in find_scopes(snapshot, start, end)
        if start <= scope.header_start and scope.end <= end
    }
    for captures in find_matches(snapshot, "definitions", start, end):
        for node in captures["name"]:
            if start <= node.start_byte and node.end_byte <= end:
                signatures[node.start_byte] = snapshot.data[node.start_byte : node.end_byte]
    return tuple(" ".join(signatures[at].decode("utf-8", "replace").split()).removesuffix(":") for at in sorted(signatures))
