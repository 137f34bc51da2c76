"""Text without secrets, as a type: prompts contain nothing else, and only this package creates it.

A request to an engine holds `MaskedText` wherever it holds text, so a command or a source that forgets to mask does not pass mypy.
"""

from typing import NewType

from interfix.masking.secret_detection import blank_out_spans, find_secrets

MaskedText = NewType("MaskedText", str)
"""Text in which every secret that was found is replaced by as many x as it has UTF-8 bytes, or by a stand-in of that length."""
NO_TEXT = MaskedText("")
"""Nothing, which holds no secret."""


def mask(text: str) -> MaskedText:
    """The text with its secrets masked; byte offsets and lines stay what they were.

    A secret that was cut in two may not be found any more: mask a whole document, then cut, then mask what was cut.
    """
    return MaskedText(blank_out_spans(text, find_secrets(text)))
