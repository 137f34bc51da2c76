"""The object that a line of code ends with: a chain of names and calls, and the links between them."""

from collections.abc import Sequence

MAX_LINKS = 8
"""Longer chains of members are not followed."""
NAME_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_$") | frozenset(range(128, 256))


def parse_chain(text: bytes, links: Sequence[bytes]) -> tuple[list[str], int] | None:
    """The object that a text ends with: its parts, a name each, `()` or `[]` behind what is called or indexed, and where it begins.
    None where it is no chain of names and calls.
    """
    parts: list[str] = []
    end = len(text)
    while len(parts) < MAX_LINKS:
        close = end
        while end and text[end - 1] in b")]":
            if (end := _find_opening(text, end)) < 0:
                return None
        start = end
        while start and text[start - 1] in NAME_BYTES:
            start -= 1
        name = text[start:end].decode("utf-8", "replace")
        if not name or name[0].isdigit():
            return None
        called = text[end:close]
        parts.append(name + ("()" if called.startswith(b"(") else "[]" if called else ""))
        if start and text[start - 1] == ord("#"):
            start -= 1  # of a private name
        link = next((each for each in links if text[:start].endswith(each)), None)
        if link is None or text[:start].endswith(b".."):  # of a spread, or a range
            return parts[::-1], start
        end = start - len(link)
    return None


def _find_opening(text: bytes, end: int) -> int:
    """Where the bracket begins that is closed before `end`; -1 where the text has no such."""
    depth = 0
    for at in range(end - 1, -1, -1):
        if text[at] in b")]}":
            depth += 1
        elif text[at] in b"([{":
            depth -= 1
            if not depth:
                return at
    return -1
