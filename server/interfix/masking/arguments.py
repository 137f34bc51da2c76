"""Secrets as arguments of calls that take them: `Client("…")`, `login("user", "…")`, `auth=("user", "…")`."""

import re
from collections.abc import Iterator

from interfix.masking.assigned import is_secret
from interfix.masking.values import HARMLESS, entropy, placeholder, wordy

_CALL = re.compile(r"\b([A-Za-z_]\w{0,60})(?:[ \t]?=[ \t]?)?\((?=[^()\n]{0,200}[\"'`]|\s*\n)")
_LOGINS = ("login", "log_in", "signin", "sign_in", "connect", "auth", "authenticate", "credential", "credentials")
"""Names of what takes a password end so."""
_MAKERS = (*_LOGINS, "client", "init", "configure", "api", "token")
"""Names of what makes something that talks to a service end so, or begin with a capital letter."""
_ARGUMENTS_CHARACTERS = 300
_LITERAL = re.compile(
    r"""(?P<quote>["'`])(?P<value>(?:(?!(?P=quote))[^\\\r\n]){1,200})(?P=quote)|(?P<end>[;{}]|\)\s*[.;\n)]|\n\s*\n)"""
)
_KEY = re.compile(r"(?=(?:[^0-9]*[0-9]){3})(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9_+=-]{20,128}")
_LEAST_ENTROPY = 3.0
"""Bits a character."""


def passed(text: str) -> Iterator[tuple[int, int]]:
    """The places of the arguments."""
    for call in _CALL.finditer(text):
        name = call[1]
        lower = name.lower()
        takes_password, takes_key = lower.endswith(_LOGINS), name[0].isupper() or lower.endswith(_MAKERS)
        if not (takes_password or takes_key) or HARMLESS.search(name):
            continue
        for index, argument in enumerate(_literals(text, call.end())):
            value = argument["value"]
            if (takes_key and _is_key(value)) or (takes_password and index and is_secret(value, password=True, careful=True)):
                yield argument.span("value")


def _literals(text: str, start: int) -> Iterator[re.Match[str]]:
    """The quoted arguments of a call that begin near its bracket."""
    for found in _LITERAL.finditer(text, start, start + _ARGUMENTS_CHARACTERS):
        if found["end"]:
            return
        yield found


def _is_key(value: str) -> bool:
    return bool(_KEY.fullmatch(value)) and not wordy(value) and not placeholder(value) and entropy(value) >= _LEAST_ENTROPY
