"""Secrets by what they are assigned to: `password = "…"`, `TOKEN=…`, `"api_key": "…"`."""

import re
from collections.abc import Iterator

from interfix.masking.values import placeholder, random, wordy

_PASSWORDS = ("password", "passwd", "passphrase", "passwort", "pwd", "pass")
_TOKENS = ("secret", "token", "credential", "apikey", "bearer", "auth", "authorization")
_KEYS = (
    *(
        "access",
        "account",
        "admin",
        "api",
        "app",
        "application",
        "auth",
        "client",
        "consumer",
        "crypt",
        "crypto",
        "deploy",
        "encrypt",
    ),
    *("encryption", "hmac", "jwt", "license", "master", "private", "secret", "service", "session", "shared", "sign", "signing"),
    *("storage", "subscription", "webhook", "write"),
)
"""Of what a key is secret."""

_WORD = re.compile("|".join(sorted((*_PASSWORDS, *_TOKENS, "key"), key=len, reverse=True)))
_QUOTED = re.compile(
    r"""(?i:s|_base)?\d{0,2}\\?["'`\])]{0,3}[ \t]{0,20}"""  # the end of the key
    r"""(?::[ \t]*[&*]?[A-Za-z_'][\w'<>\[\]. |?]{0,30}?[ \t]*)?"""  # a type
    r"""(?:=>|:=|->|={1,3}|!==?|\?\?=?|:|,|[ \t](?=["'])|["'][ \t]+value[ \t]*=)\s{0,4}\(?"""  # what joins key and value
    r"""[a-zA-Z@$]{0,2}(?P<quote>\\?(?:"{3}|'{3}|["'`]))(?P<value>(?:(?!(?P=quote))[^\r\n]){1,300})"""
)
_BARE = re.compile(
    r"""(?i:s|_base)?\d{0,2}(?P<join>=|:[ \t]+|[ \t]+=[ \t]+|>)(?P<value>[^\s"'`,;<>(){}\[\]]{4,300})(?=\s|\Z|[#;&,"'<])""",
)
_FLAG = re.compile(r"""[ =](?P<value>(?!\$)[^\s"'`|;&<>(){}\[\]]{4,200})""")
_FLAGGED = re.compile(r"(?<!\S)--[\w-]*\Z")
_TYPED = re.compile(
    r"(?:u?int|float|[iuf]|varchar|sha|md|base|utf|str|vec|char|bytes|http|v|oauth|aes)_?-?\d+(?:_\w+)?", re.IGNORECASE
)


def assigned(text: str) -> Iterator[tuple[int, int]]:
    """The places of the values."""
    lower = text.lower()
    if len(lower) != len(text):  # a few capital letters have small ones of two characters
        lower = "".join(character.lower() if character.isascii() else "?" for character in text)
    for found in _WORD.finditer(lower):
        word, start, end = found[0], found.start(), found.end()
        if not _is_key(lower, text, word, start):
            continue
        password = word in _PASSWORDS
        if match := _QUOTED.match(text, end):
            listed = text[end : match.start("value")].lstrip("\"'` \t)")[:1] == ","
            if _secret(match["value"], password=password, careful=listed):
                yield match.span("value")
        elif (match := _BARE.match(text, end)) and _secret_bare(text, start, match, password):
            yield match.span("value")
        elif _FLAGGED.search(lower, max(0, start - 20), start):
            match = _FLAG.match(text, end)
            if match and _secret(match["value"], password=password, careful=True):
                yield match.span("value")


def _is_key(lower: str, text: str, word: str, start: int) -> bool:
    """Whether the word, which ends a name, makes it the name of a secret."""
    before = lower[max(0, start - 14) : start]
    if word == "key":
        return before.rstrip("_-. ").endswith(_KEYS)
    if word in ("pass", "auth", "bearer"):
        return not before[-1:].isalpha() or (text[start].isupper() and before[-1:].islower() and text[start - 1].islower())
    return True


def _secret(value: str, *, password: bool, careful: bool) -> bool:
    """Whether a literal is a secret, given that its name says so."""
    value = value.strip()
    if len(value) < 5 or placeholder(value) or not value.isascii():
        return False
    if any(map(str.isspace, value)):
        return password and not careful and _phrase(value)
    letters, digits = any(map(str.isalpha, value)), any(map(str.isdigit, value))
    symbols = bool(re.search(r"[^\w.\-/: ]", value))
    if password:
        if careful:
            return digits and letters and (symbols or not wordy(value))
        return digits or symbols or (value.islower() and value.isalpha())
    if wordy(value) or len(value) < 8 or "://" in value:
        return False
    mixed = value.lower() != value != value.upper()
    return letters and (digits or (mixed and len(value) >= 16))


def _phrase(value: str) -> bool:
    """Four or more plain words, which is how people make a long password."""
    words = value.split(" ")
    return 4 <= len(words) <= 8 and all(word.isalpha() and word.islower() and len(word) > 2 for word in words)


def _secret_bare(text: str, start: int, match: re.Match[str], password: bool) -> bool:
    """The same for a value without quotes, which in code is a name more often than a literal."""
    value = match["value"]
    if _TYPED.fullmatch(value) or "$" in value[:2] or value.isdigit():
        return False
    shell = match["join"] in ("=", ">") and (text[start].isupper() or match["join"] == ">" or _alone(text, start))
    if shell and password:
        return _secret(value, password=True, careful=False) and not re.fullmatch(r"[a-z_.]+", value)
    if password:
        return _secret(value, password=True, careful=True)
    return _secret(value, password=False, careful=True) and (
        random(value) or not re.fullmatch(r"[A-Za-z_][\w.]*", value) or len(value) >= 20
    )


def _alone(text: str, start: int) -> bool:
    """The name begins its line: a settings file, not an expression."""
    line = text.rfind("\n", 0, start) + 1
    return bool(re.fullmatch(r"(?:export |set |ENV |ARG |- )?[\w.\-]*", text[line:start]))
