"""What a secret in a text looks like, and text without any: `MaskedText`, of which alone prompts are made."""

from interfix.masking.masked_text import NO_TEXT, MaskedText, mask
from interfix.masking.masker import MaskChangedError, Masker

__all__ = ["NO_TEXT", "MaskChangedError", "MaskedText", "Masker", "mask"]
