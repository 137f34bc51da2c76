"""Secrets in a text, by their shape, their place or their randomness. Knows no file."""


def masked(text: str) -> tuple[str, int]:
    """The text with each secret in it replaced by as many x as it has UTF-8 bytes, line ends kept; and how many there were."""
    return text, 0
