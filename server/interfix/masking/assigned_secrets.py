"""Secrets by what they are assigned to: `password = "…"`, `TOKEN=…`, `"api_key": "…"`, `setPassword("…")`."""

import re
from collections.abc import Iterator

from interfix.masking.secret_heuristics import is_mostly_words, is_placeholder, looks_random

_PASSWORDS = ("password", "passwd", "passphrase", "passwort", "pwd", "pass", "psk")
_TOKENS = ("secret", "token", "credential", "apikey", "bearer", "auth", "authorization", "totp", "otp", "seed")
_KEYS = (
    "access", "account", "admin", "api", "app", "application", "auth", "client", "consumer", "crypt", "crypto", "deploy", "encrypt",
    "encryption", "hmac", "isakmp", "jwt", "license", "master", "private", "secret", "server", "service", "session", "shared",
    "sign", "signing", "storage", "subscription", "tsig", "webhook", "write",
)  # fmt: skip
"""Of what a key is secret."""
_CODES = ("recovery", "backup", "mfa", "2fa", "otp", "activation")
"""Of what a code is."""

_PROSE = re.compile(r"[ \t]+[^ \t=]")
"""What follows the verb."""
_WORDY = 0.75
"""Of a value whose name says that it is secret more has to be words for it to be none."""
_MIXED = re.compile(r"(?=[^A-Z]*[A-Z])(?=[^a-z]*[a-z])(?=[^0-9]*[0-9])[A-Za-z0-9]{16,}")
_INSIDE_NAME = re.compile(r"[\w.-]")
_RANDOM_KEY = 20
"""Characters of the least value that is a key by its chance alone."""
_SUFFIX = 6
"""Characters that may follow the telling word of a name."""
_WORD = re.compile("|".join(sorted((*_PASSWORDS, *_TOKENS, "key", "code"), key=len, reverse=True)))
_QUOTED = re.compile(
    r"""(?i:s|_base)?\d{0,2}\\?["'`\])]{0,3}[ \t]{0,20}"""  # the end of the key
    r"""(?::[ \t]*[&*]?[A-Za-z_'][\w'<>\[\]. |?]{0,30}?[ \t]*)?"""  # a type
    r"""(?:=>|:=|->|<-|={1,3}|!==?|\?\?=?|\?:|\|\|=?|&&=|//=|\bor\b|:|,|\{"""  # what joins key and value
    r"""|[ \t](?=["'])|["'][ \t]+value[ \t]*=)\s{0,4}\(?"""
    r"""[a-zA-Z@$]{0,2}(?P<quote>\\?(?:"{3}|'{3}|["'`]))(?:\\?\r?\n[ \t]{0,40})?(?P<value>(?:(?!(?P=quote))[^\r\n]){1,300})"""
)
_BARE = re.compile(
    r"""(?i:s|_base)?\d{0,2}(?P<join>=|:[-=?]|:[ \t]+|[ \t]+=[ \t]+|["']?>)"""
    r"""(?P<value>[^\s"'`,;<>(){}\[\]]{4,300})(?=\s|\Z|[#;&,"'<}])"""
)
_SPACED = re.compile(
    r"""(?i:_base)?[ \t]+(?:\d{1,2}[ \t]+)?"""
    r"""(?P<value>[^\s"'`,;<>(){}\[\]$/.-][^\s"'`,;<>(){}\[\]]{7,200})(?=\s|;|\Z)"""
)
"""In settings of routers and servers, and of containers."""
_BLOCK = re.compile(r"""["']?:[ \t]*[|>][-+\d]{0,2}[ \t]*\r?\n[ \t]+(?P<value>[^\r\n]{4,300})""")
"""The first line of a block in YAML."""
_CALLED = re.compile(
    r"""(?i:s)?[ \t]{0,2}\(\s{0,4}(?:Some\()?[a-zA-Z@$]{0,2}(?P<quote>"{3}|'{3}|["'`])(?P<value>(?:(?!(?P=quote))[^\r\n]){1,300})"""
)
_SETTER = re.compile(r"(?:^|[\W_])(?:set|with|use|put)[a-z_]*\Z")
_FLAG = re.compile(r"""[ =](?P<value>(?!\$)[^\s"'`|;&<>(){}\[\]]{4,200})""")
_FLAGGED = re.compile(r"(?<!\S)--[\w-]*\Z")
_TYPED = re.compile(
    r"(?:u?int|float|[iuf]|varchar|sha|md|base|utf|str|vec|char|bytes|http|v|oauth|aes)_?-?\d+(?:_\w+)?", re.IGNORECASE
)


def find_in_assignments(text: str) -> Iterator[tuple[int, int]]:
    """The places of the values."""
    lower = text.lower()
    if len(lower) != len(text):  # a few capital letters have small ones of two characters
        lower = "".join(character.lower() if character.isascii() else "?" for character in text)
    for word_match in _WORD.finditer(lower):
        word, start, end = word_match[0], word_match.start(), word_match.end()
        if not _is_key(lower, text, word, start):
            if word == "key" and not _INSIDE_NAME.match(text[start - 1 : start]) and (match := _match_random_key(text, end)):
                yield match.span("value")
            continue
        if word == "pass" and _PROSE.match(text, end):
            continue
        password = word in _PASSWORDS
        if match := _QUOTED.match(text, end):
            listed = text[end : match.start("value")].lstrip("\"'` \t)")[:1] == ","
            if is_secret(match["value"], password=password, careful=listed):
                yield match.span("value")
        elif match := _CALLED.match(text, end):
            careful = not _SETTER.search(lower, max(0, start - 30), start)
            if is_secret(match["value"], password=password, careful=careful):
                yield match.span("value")
        elif match := _BLOCK.match(text, end):
            if is_secret(match["value"], password=password, careful=False):
                yield match.span("value")
        elif match := _BARE.match(text, end):
            if _is_bare_secret(text, start, match, password):
                yield match.span("value")
        elif (match := _SPACED.match(text, end)) and _is_spaced_secret(match["value"]):
            yield match.span("value")
        elif _FLAGGED.search(lower, max(0, start - 20), start):
            match = _FLAG.match(text, end)
            if match and is_secret(match["value"], password=password, careful=True):
                yield match.span("value")


def _match_random_key(text: str, end: int) -> re.Match[str] | None:
    """The value of a name that is no more than `key`, which may be a key of any kind, where it is nothing but chance."""
    match = _QUOTED.match(text, end) or _BARE.match(text, end)
    value = match["value"] if match else ""
    return match if len(value) >= _RANDOM_KEY and re.fullmatch(r"[\w+/=-]+", value) and looks_random(value) else None


def has_secret_word(lower: str) -> bool:
    """Whether a text in small letters has a word that may make a name one of a secret."""
    return _WORD.search(lower) is not None


def find_secret_kind(name: str) -> str:
    """ "password" or "key" where a name says that its value is secret, else empty."""
    lower = name.lower()
    for match in _WORD.finditer(lower) if name.isascii() else ():
        if len(name) - match.end() <= _SUFFIX and _is_key(lower, name, match[0], match.start()):
            return "password" if match[0] in _PASSWORDS else "key"
    return ""


def _is_key(lower: str, text: str, word: str, start: int) -> bool:
    """Whether the word, which ends a name, makes it the name of a secret."""
    before = lower[max(0, start - 14) : start]
    if word == "code":
        return before.rstrip("_-. ").endswith(_CODES)
    if word == "key":
        return before.rstrip("_-. ").endswith(_KEYS)
    if word in ("pass", "auth", "bearer", "otp", "totp", "seed", "psk"):
        return not before[-1:].isalpha() or (text[start].isupper() and before[-1:].islower() and text[start - 1].islower())
    return True


def is_secret(value: str, *, password: bool, careful: bool) -> bool:
    """Whether a literal is a secret, given that its name says so."""
    value = value.strip()
    if len(value) < 5 or is_placeholder(value) or not value.isascii():
        return False
    if any(map(str.isspace, value)):
        return password and not careful and _is_passphrase(value)
    letters, digits = any(map(str.isalpha, value)), any(map(str.isdigit, value))
    symbols = bool(re.search(r"[^\w.\-/: ]", value))
    words = is_mostly_words(value, share=0.6 if careful and not _MIXED.fullmatch(value) else _WORDY)
    if password:
        if careful:
            return digits and letters and (symbols or not words)
        return digits or symbols or (value.islower() and value.isalpha())
    if words or len(value) < 8 or "://" in value:
        return False
    mixed = value.lower() != value != value.upper()
    return letters and (digits or (mixed and len(value) >= 16))


def _is_passphrase(value: str) -> bool:
    """Four or more plain words, which is how people make a long password."""
    words = value.split(" ")
    return 4 <= len(words) <= 8 and all(word.isalpha() and word.islower() and len(word) > 2 for word in words)


def _is_bare_secret(text: str, start: int, match: re.Match[str], password: bool) -> bool:
    """The same for a value without quotes, which in code is a name more often than a literal."""
    value = match["value"]
    if _TYPED.fullmatch(value) or "$" in value[:2] or value.isdigit():
        return False
    join = match["join"]
    shell = join in ("=", ":-", ":=", ":?") or join.endswith(">")
    shell = shell and (text[start].isupper() or join != "=" or _begins_line(text, start))
    if shell and password:
        return is_secret(value, password=True, careful=False) and not re.fullmatch(r"[a-z_.]+", value)
    if password:
        return is_secret(value, password=True, careful=True)
    return is_secret(value, password=False, careful=True) and (
        looks_random(value) or not re.fullmatch(r"[A-Za-z_][\w.]*", value) or len(value) >= 20
    )


def _is_spaced_secret(value: str) -> bool:
    """The same for a value with nothing but space before it, as every word of a sentence has."""
    digits = sum(map(str.isdigit, value))
    if re.fullmatch(r"[A-Za-z]+[-_.]?\d[\d.]*", value):
        return False  # a name and its number
    return digits >= 2 and is_secret(value, password=True, careful=True) and not is_mostly_words(value) and "://" not in value


def _begins_line(text: str, start: int) -> bool:
    """The name begins its line: a settings file, not an expression."""
    line = text.rfind("\n", 0, start) + 1
    return bool(re.fullmatch(r"(?:export |set |ENV |ARG |- )?[\w.\-]*", text[line:start]))
