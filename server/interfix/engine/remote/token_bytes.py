"""The bytes of a token that a server spells as its vocabulary does."""

import re


def decode_token_spelling(token: str) -> bytes:
    """The bytes of a token as vocabularies spell it: GPT-2's letters for bytes, sentencepiece's ▁ and <0x0A>, or as it is."""
    if match := re.fullmatch(r"<0x([0-9A-F]{2})>", token):
        return bytes.fromhex(match[1])
    if all(letter in _BYTE_LETTERS for letter in token):
        return bytes(_BYTE_LETTERS[letter] for letter in token)
    return token.replace("▁", " ").encode("utf-8", "replace")


def _build_byte_letters() -> dict[str, int]:
    """GPT-2's letters: printable characters stand for themselves, the other bytes for characters from 256 on."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return {**{chr(byte): byte for byte in printable}, **{chr(256 + i): byte for i, byte in enumerate(others)}}


_BYTE_LETTERS = _build_byte_letters()
