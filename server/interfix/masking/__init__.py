"""Finds secrets in text and replaces them. Prompts are built of `MaskedText` only."""

from interfix.masking.masked_text_type import NO_TEXT, MaskedText, mask
from interfix.masking.restoring_masker import MaskChangedError, Masker

__all__ = ["NO_TEXT", "MaskChangedError", "MaskedText", "Masker", "mask"]
