"""Escapes control characters: those of escape sequences, other controls, and those that change the writing direction.

What a terminal or an editor does on reading a character is not for a file, a model or a server to decide.
"""

import re

_ACTING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 without tab and line feed, DEL, C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # writing direction (Unicode Annex 9)
    "\u2028\u2029\ufff9-\ufffb"  # line and paragraph separators, interlinear annotations
    "\ud800-\udfff\U000e0000-\U000e007f]"  # halves of characters, and tags that nobody sees
)
_IN_JSON = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufff9-\ufffb\U000e0000-\U000e007f]")


def escape_control_characters(text: str) -> str:
    """The text with each character that acts as its escape: `\\x1b`, `\\u202e`. Tabs and line feeds stay; so does `\\r\\n`."""
    return _ACTING.sub(_escape, text.replace("\r\n", "\n") if "\r" in text else text)


def format_one_line(text: str) -> str:
    """The same with white space, line ends included, as single spaces."""
    return escape_control_characters(" ".join(text.split()))


def escape_json(text: str) -> str:
    """JSON of the same value, in which such characters are escaped as JSON does it."""
    return _IN_JSON.sub(lambda match: "".join(f"\\u{unit:04x}" for unit in _units(match[0])), text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _units(character: str) -> list[int]:
    data = character.encode("utf-16-be")
    return [int.from_bytes(data[i : i + 2], "big") for i in range(0, len(data), 2)]
