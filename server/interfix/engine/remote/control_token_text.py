"""How control tokens are spelled as text, and how other text is kept from spelling one."""

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
