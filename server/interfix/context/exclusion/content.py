"""What a file's bytes tell that its name does not. Knows no workspace."""

import re
from codecs import getincrementaldecoder

import msgspec

_SNIFFED = 8192
"""Bytes at a file's beginning that are looked at for zero bytes, as git does."""
_HEADER_LINES = 15
"""A generator signs its work at the top."""
_LONGEST = 4000
"""Bytes of a line that no person wrote."""
_MEAN = 220
"""Mean bytes a line, beyond which code is minified."""

_GENERATED = re.compile(
    rb"^[ \t]*(?:#|//|/\*|\*|--|;|%|<!--|\"{3}|'{3})[^\n]*(?:@generated|<auto-?generated|do[ -]not[ -](?:edit|modify)|"
    rb"code generated|generated (?:file|code)|(?:file|code|this) (?:is|was|has been) (?:auto(?:matically)?[ -]?)?generated|"
    rb"auto(?:matically)?[ -]?generated (?:file|code|by|from|with))",
    re.IGNORECASE | re.MULTILINE,
)
_PRIVATE_KEY = re.compile(rb"\s*-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY")


class ByContent(msgspec.Struct, frozen=True):
    """What was found out about a file's bytes."""

    says: str = ""
    """Why the file may not be shown; empty where it may."""
    of_no_harm: bool = False
    """It is only of no use, and shown to a user who asks for it."""


def refusal_by_content(name: str, data: bytes) -> ByContent:
    """The rules in their order."""
    if b"\0" in data[:_SNIFFED] or _undecodable(data[:_SNIFFED]):
        return ByContent("binary")
    if _PRIVATE_KEY.match(data):
        return ByContent("a private key")
    if _minified(name, data):
        return ByContent("minified", of_no_harm=True)
    if _signed(data):
        return ByContent("generated, by its first lines", of_no_harm=True)
    return ByContent()


def _undecodable(data: bytes) -> bool:
    try:
        getincrementaldecoder("utf-8")().decode(data)  # which minds no character cut off at the end
    except UnicodeDecodeError:
        return True
    return False


def _minified(name: str, data: bytes) -> bool:
    if name.endswith((".md", ".markdown", ".rst", ".txt", ".tex")):
        return False  # a paragraph may be one long line
    lines = data.count(b"\n") + 1
    return len(data) > _LONGEST and (len(data) / lines > _MEAN or max(map(len, data.splitlines())) > 10 * _LONGEST)


def _signed(data: bytes) -> bool:
    head = b"\n".join(data[:4096].split(b"\n", _HEADER_LINES)[:_HEADER_LINES])
    return bool(_GENERATED.search(head))
