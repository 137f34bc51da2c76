"""Secrets whose name stands in a field beside their value: `- name: DB_PASSWORD`, `value: …`."""

import re
from collections.abc import Iterator

from interfix.masking.assigned_secrets import find_secret_kind, has_secret_word, is_secret

_NAME = r"""["']?\b(?:name|key|id|variable|param(?:eter)?)["']?[ \t]{0,8}[:=][ \t]{0,8}["']?(?P<name>[\w./-]{2,60})["']?"""
_VALUE = (
    r"""["']?\b(?:value|val|default|default_?value|data|content)["']?[ \t]{0,8}[:=][ \t]{0,8}"""
    r"""(?:(?P<quote>["'])(?P<quoted>(?:(?!(?P=quote))[^\r\n]){4,300})|(?P<bare>[^\s"',}\[\]]{4,300}))"""
)
_VALUES = ("val", "default", "data", "content", "<string>")
_GAP = r"""[ \t]{0,4},?(?:[ \t]{1,20}|[ \t]{0,8}\r?\n[ \t]{0,60})"""
_PAIRS = (re.compile(_NAME + _GAP + _VALUE, re.IGNORECASE), re.compile(_VALUE + r"""["']?""" + _GAP + _NAME, re.IGNORECASE))
_ELEMENT = re.compile(r"<(?P<name>\w{2,40})>\s{0,40}<value>(?P<bare>[^<\r\n]{4,300})</value>", re.IGNORECASE)
_ELEMENTS = re.compile(
    r"<(?:key|name)>(?P<name>[\w.-]{2,60})</(?:key|name)>\s{0,40}<(?:string|value)>(?P<bare>[^<\r\n]{4,300})</", re.IGNORECASE
)
_VARIABLE = re.compile(
    r"""["'](?P<name>[\w-]{2,60})["']\s{0,4}\{[^{}]{0,300}?\bdefault\s{0,8}=\s{0,8}["'](?P<bare>[^"'\r\n]{4,300})"""
)
_KUBERNETES = re.compile(r"^kind:[ \t]*Secret\b", re.MULTILINE)
_DATA = re.compile(r"^(?:data|stringData):[ \t]*\r?\n(?P<lines>(?:[ \t]+[^\r\n]*(?:\r?\n|\Z)){1,200})", re.MULTILINE)
_LINE = re.compile(r"""^[ \t]+["']?[\w./-]+["']?:[ \t]+["']?(?P<value>[^\s"'|>][^\r\n"']{3,8000})""", re.MULTILINE)


def find_in_pairs(text: str) -> Iterator[tuple[int, int]]:
    """The places of the values."""
    lower = text.lower()
    if not any(word in lower for word in _VALUES) or not has_secret_word(lower):
        return
    for pattern in (*_PAIRS, _ELEMENT, _ELEMENTS, _VARIABLE):
        for match in pattern.finditer(text):
            group = "quoted" if "quoted" in pattern.groupindex and match["quoted"] is not None else "bare"
            kind = find_secret_kind(match["name"])
            if kind and is_secret(match[group], password=kind == "password", careful=False):
                yield match.span(group)
    if _KUBERNETES.search(text):
        for block in _DATA.finditer(text):
            for line in _LINE.finditer(text, *block.span("lines")):
                yield line.span("value")
