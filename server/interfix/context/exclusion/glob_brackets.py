"""Classes in brackets of an ignore file's patterns (`[a-z]`, `[!0-9]`, `[[:alpha:]]`), as git's wildmatch.c reads them."""

ANY_BYTE = (1 << 256) - 1
"""Every byte, as bits."""


def parse_byte_class(text: bytes, at: int, ignores_case: bool) -> tuple[int, int]:
    """The bytes that a class takes which begins behind `at`, as bits, and where it ends; none where it is malformed."""
    malformed = 0, len(text)
    negated = text[at : at + 1] in (b"!", b"^")
    at += negated
    taken = previous = 0
    first = True
    while first or text[at : at + 1] != b"]":
        first = False
        if at >= len(text):
            return malformed
        byte = text[at]
        if byte == ord("\\"):
            at += 1
            if at >= len(text):
                return malformed
            byte = text[at]
            taken |= 1 << byte
        elif byte == ord("-") and previous and text[at + 1 : at + 2] not in (b"", b"]"):
            at += 1
            if text[at] == ord("\\"):
                at += 1
                if at >= len(text):
                    return malformed
            span = _make_byte_range(previous, text[at])
            taken |= span | _lower_letters(span) if ignores_case else span
            byte = 0
        elif text[at : at + 2] == b"[:":
            end = text.find(b"]", at + 2)
            if end < 0:
                return malformed
            if end - at < 3 or text[end - 1] != ord(":"):
                taken |= 1 << byte
            else:
                class_members = _NAMED.get(text[at + 2 : end - 1])
                if class_members is None:
                    return malformed
                taken |= class_members | _lower_letters(class_members) if ignores_case else class_members
                at, byte = end, 0
        else:
            taken |= 1 << byte
        previous = byte
        at += 1
    return (ANY_BYTE & ~taken if negated else taken), at + 1


def _make_byte_range(first: int, last: int) -> int:
    return sum(1 << byte for byte in range(first, last + 1))


def _lower_letters(taken: int) -> int:
    """The small letters of the capitals among bytes."""
    return (taken & _UPPER) << _CASE_DISTANCE


def _make_byte_set(letters: bytes) -> int:
    return sum(1 << byte for byte in letters)


_CASE_DISTANCE = ord("a") - ord("A")
_UPPER, _LOWER, _DIGIT, _PRINT = (
    _make_byte_range(65, 90),
    _make_byte_range(97, 122),
    _make_byte_range(48, 57),
    _make_byte_range(32, 126),
)
_NAMED = {
    b"alnum": _UPPER | _LOWER | _DIGIT,
    b"alpha": _UPPER | _LOWER,
    b"blank": _make_byte_set(b" \t"),
    b"cntrl": _make_byte_range(0, 31) | 1 << 127,
    b"digit": _DIGIT,
    b"graph": _PRINT & ~(1 << 32),
    b"lower": _LOWER,
    b"print": _PRINT,
    b"punct": _PRINT & ~(_UPPER | _LOWER | _DIGIT | 1 << 32),
    b"space": _make_byte_set(b" \t\n\r"),
    b"upper": _UPPER,
    b"xdigit": _DIGIT | _make_byte_range(65, 70) | _make_byte_range(97, 102),
}
