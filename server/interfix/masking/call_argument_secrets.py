"""Secrets as arguments of calls that take them: `Client("…")`, `login("user", "…")`, `auth=("user", "…")`."""

import re
from collections.abc import Iterator

from interfix.masking.assigned_secrets import is_secret
from interfix.masking.secret_heuristics import HARMLESS, compute_entropy, is_mostly_words, is_placeholder

_CALL = re.compile(
    r"\b((?:[A-Za-z_]\w{0,40}(?:\.|::|->)){0,2}[A-Za-z_]\w{0,60})(?:[ \t]?=[ \t]?)?\("
    r"(?=[^()\n]{0,200}[\"'`]|\s*\n)"
)
_LOGINS = (
    *(
        "login",
        "log_in",
        "signin",
        "sign_in",
        "connect",
        "connection",
        "auth",
        "authenticate",
        "credential",
        "credentials",
        "begin",
    ),
    *("pdo", "mysqli", "sequelize", "pool", "dial", "datasource"),
)
"""Names of what takes a password end so."""
_MAKERS = (*_LOGINS, "client", "init", "configure", "api", "token")
"""Names of what makes something that talks to a service end so, or begin with a capital letter."""
_CIPHERS = re.compile(r"jwt|hmac|aes|cipher|fernet|secretkey|crypt|\bsign")
"""Names of what takes a key."""
_ID = re.compile(r"[0-9a-fA-F]{1,31}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
"""Ids of databases and things, which are no secrets."""
_ARGUMENTS_CHARACTERS = 300
_LITERAL = re.compile(
    r"""(?P<quote>["'`])(?P<value>(?:(?!(?P=quote))[^\\\r\n]){1,200})(?P=quote)|(?P<end>[;{}]|\)\s*[.;\n)]|\n\s*\n)"""
)
_KEY = re.compile(r"(?=[^0-9]*[0-9])(?=[^A-Za-z]*[A-Za-z])[A-Za-z0-9_+=-]{16,128}")
_KEY_LENGTH, _CIPHER_LENGTH = 20, 16
_DIGITS = 3
"""With fewer of them a key needs more entropy."""
_LEAST_ENTROPY, _HIGH_ENTROPY = 3.0, 4.0
"""Bits a character."""


def find_in_arguments(text: str) -> Iterator[tuple[int, int]]:
    """The places of the arguments."""
    for call in _CALL.finditer(text):
        path = call[1]
        lower = path.lower()
        last = re.split(r"\W+", path)[-1]
        takes_password, takes_key = lower.endswith(_LOGINS), last[0].isupper() or lower.endswith(_MAKERS)
        ciphers = _CIPHERS.search(lower) is not None
        if not (takes_password or takes_key or ciphers) or HARMLESS.search(path):
            continue
        for index, argument in enumerate(_list_literals(text, call.end())):
            value = argument["value"]
            key = (takes_key or ciphers) and _is_key(value, least=_CIPHER_LENGTH if ciphers else _KEY_LENGTH)
            if key or (takes_password and index and is_secret(value, password=True, careful=True)):
                yield argument.span("value")


def _list_literals(text: str, start: int) -> Iterator[re.Match[str]]:
    """The quoted arguments of a call that begin near its bracket."""
    for match in _LITERAL.finditer(text, start, start + _ARGUMENTS_CHARACTERS):
        if match["end"]:
            return
        yield match


def _is_key(value: str, *, least: int) -> bool:
    if len(value) < least or not _KEY.fullmatch(value) or _ID.fullmatch(value):
        return False
    few_digits = sum(map(str.isdigit, value)) < _DIGITS
    return (
        not is_mostly_words(value)
        and not is_placeholder(value)
        and compute_entropy(value) >= (_HIGH_ENTROPY if few_digits else _LEAST_ENTROPY)
    )
