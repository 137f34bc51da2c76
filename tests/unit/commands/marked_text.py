"""Text with `«` and `»` around the selection, or one `‸` for a cursor, as a snapshot and byte offsets."""

from interfix.syntax.document import Document, Snapshot


def parse_marked(text: str, language: str = "python") -> tuple[Snapshot, int, int]:
    text = text.replace("‸", "«»")
    before, rest = text.split("«")
    inside, after = rest.split("»")
    snapshot = Document("file:///t/code", before + inside + after, 1, language).snapshot()
    start = len(before.encode())
    return snapshot, start, start + len(inside.encode())
