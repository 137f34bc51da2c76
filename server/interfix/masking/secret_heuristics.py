"""Whether a single value looks like a placeholder, like words, or random."""

import math
import re
from base64 import b64decode
from binascii import Error
from collections import Counter
from pathlib import Path

_MARKS = re.compile(
    r"your|example|change[_-]?(?:me|it)|placeholder|redacted|insert|replace|todo|fixme|dummy|sample|xxxx|[-_]here|\*{4}|\.{4}|\$[{(]|\{\{|#\{|%\(|<%",
    re.IGNORECASE,
)
"""A value with one of these stands for another."""
_TEMPLATE = re.compile(r"\$\w+|%\w+%|<[^<>]*>|\{[^{}]*\}|%[sdv]|\[[\w .-]+\]|:\w+|@\w+@|__\w+__")
_VOCABULARY = frozenset(Path(__file__).with_name("words.txt").read_text(encoding="utf-8").split())
"""Words of which placeholders, labels and names of fields are made."""
_SEQUENCES = "abcdefghijklmnopqrstuvwxyz 01234567890 0987654321 qwertyuiop asdfghjkl"
_WORD = re.compile(r"[A-Z]?(?=[a-z]*[aeiouy])[a-z]{3,}|[A-Z]{4,}")
_BINARY = (b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"\x1f\x8b", b"%PDF", b"RIFF", b"wOF", b"OggS", b"\x7fELF", b"BM")


HARMLESS = re.compile(
    r"hash|digest|checksum|integrity|sha\d|md5|crc|fingerprint|sig(?:nature)?\b|etag|public|pub_?key|cert|image|png|icon|font|data|"
    r"payload|fixture|sample|expected|b(?:ase)?64|nonce|salt|\biv\b|uu?id|guid|commit|\brev|alphabet|charset|chars|encoded|url|object_?id|colou?r|parse",
    re.IGNORECASE,
)
"""Names of things that look like chance and may be shown."""


def is_placeholder(value: str) -> bool:
    """It stands for a secret, or names one, without being one."""
    lower = value.lower()
    if len(set(lower)) <= 3 or _MARKS.search(value) or _TEMPLATE.fullmatch(value):
        return True
    if _is_sequence(lower):
        return True
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", value)]
    rest = re.sub(r"[A-Za-z_\-.|: ]", "", value)
    return bool(words) and all(word in _VOCABULARY for word in words) and (not rest or (rest.isdigit() and len(rest) <= 4))


def is_mostly_words(value: str, *, share: float = 0.6) -> bool:
    """More than a share of it is words: an identifier, a path, a sentence."""
    solid = re.sub(r"[\W_]", "", value)
    if len(solid) >= 16 and solid == value.rstrip("=") and len(re.findall(r"\d+", solid)) >= 3:
        return False  # digits in many places of one long word
    return not solid or sum(map(len, _WORD.findall(value))) > share * len(solid)


def looks_random(value: str) -> bool:
    """Upper case, lower case and digits, in an order nobody would type, and no encoding of something readable."""
    classes = (str.isupper, str.islower, str.isdigit)
    if not all(any(map(of_class, value)) for of_class in classes) or sum(map(str.isdigit, value)) < 2:
        return False
    return (
        not is_mostly_words(value)
        and not is_placeholder(value)
        and compute_entropy(value) >= 4.0
        and not _is_readable_base64(value)
    )


def _is_sequence(lower: str) -> bool:
    """At least half of it runs along the alphabet, the digits or the keyboard."""
    runs = sum(lower[at : at + 4] in _SEQUENCES for at in range(len(lower) - 3))
    return runs * 2 >= len(lower) - 3 > 0


def compute_entropy(value: str) -> float:
    """Bits a character (Shannon)."""
    return -sum(count / len(value) * math.log2(count / len(value)) for count in Counter(value).values())


def _is_readable_base64(value: str) -> bool:
    """Base64 of a text, or of a file of a well-known kind."""
    try:
        decoded = b64decode(value + "=" * (-len(value) % 4), altchars=b"-_", validate=False)
    except Error:
        return False
    return decoded.startswith(_BINARY) or sum(byte in b"\t\n\r" or 32 <= byte < 127 for byte in decoded) > 0.9 * len(decoded)
