"""Rules on the bytes of a file: binary, private key, minified, generated."""

import re
from codecs import getincrementaldecoder

import msgspec

_SNIFFED = 8192
"""Bytes at a file's beginning that are looked at for zero bytes, as git does."""
_HEADER_LINES = 15
"""A generator signs its work at the top."""
_MAX_LINE_BYTES = 4000
"""Bytes of a line that no person wrote."""
_MAX_MEAN_LINE_BYTES = 220
"""Mean bytes a line, beyond which code is minified."""

_GENERATED = re.compile(
    rb"^[ \t]*(?:#|//|/\*|\*|--|;|%|<!--|\"{3}|'{3})[^\n]*(?:@generated|<auto-?generated|do[ -]not[ -](?:edit|modify)|"
    rb"code generated|generated (?:file|code)|(?:file|code|this) (?:is|was|has been) (?:auto(?:matically)?[ -]?)?generated|"
    rb"auto(?:matically)?[ -]?generated (?:file|code|by|from|with))",
    re.IGNORECASE | re.MULTILINE,
)
_PRIVATE_KEY = re.compile(rb"\s*-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY")


class ContentRefusal(msgspec.Struct, frozen=True):
    """What was found out about a file's bytes."""

    reason: str = ""
    """Why the file may not be shown; empty where it may."""
    is_overridable: bool = False
    """The file is only of no use: settings may include it by its path."""


def check_content(name: str, data: bytes) -> ContentRefusal:
    """The rules in their order."""
    if b"\0" in data[:_SNIFFED] or _is_undecodable(data[:_SNIFFED]):
        return ContentRefusal("binary")
    if _PRIVATE_KEY.match(data):
        return ContentRefusal("a private key")
    if _is_minified(name, data):
        return ContentRefusal("minified", is_overridable=True)
    if _has_generated_mark(data):
        return ContentRefusal("generated, by its first lines", is_overridable=True)
    return ContentRefusal()


def _is_undecodable(data: bytes) -> bool:
    try:
        getincrementaldecoder("utf-8")().decode(data)  # which minds no character cut off at the end
    except UnicodeDecodeError:
        return True
    return False


def _is_minified(name: str, data: bytes) -> bool:
    if name.endswith((".md", ".markdown", ".rst", ".txt", ".tex")):
        return False  # a paragraph may be one long line
    lines = data.count(b"\n") + 1
    return len(data) > _MAX_LINE_BYTES and (
        len(data) / lines > _MAX_MEAN_LINE_BYTES or max(map(len, data.splitlines())) > 10 * _MAX_LINE_BYTES
    )


def _has_generated_mark(data: bytes) -> bool:
    head = b"\n".join(data[:4096].split(b"\n", _HEADER_LINES)[:_HEADER_LINES])
    return bool(_GENERATED.search(head))
