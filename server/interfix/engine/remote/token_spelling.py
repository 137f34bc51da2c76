"""How control tokens and bytes are spelled as text, and how other text is kept from spelling one."""

import re
from collections.abc import Iterable


def spell_control(control: str) -> str:
    """A control token as it stands in a prompt's text: sentencepiece's mark at its beginning is a space."""
    return " " + control[1:] if control.startswith("▁<") else control


def escape_controls(text: str, controls: Iterable[str]) -> str:
    """The text with a space in each control token that it spells, for servers that would read it as one.

    What is no Unicode (half of a surrogate pair) is replaced: it cannot be sent.
    """
    text = text.encode("utf-8", "replace").decode()
    for control in controls:
        bare = control.lstrip("▁")
        if len(bare) > 1 and bare in text:
            text = text.replace(bare, f"{bare[0]} {bare[1:]}")
    return text


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
