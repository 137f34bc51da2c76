"""Finds secrets in text and replaces them. Prompts are built of `MaskedText` only."""

from interfix.masking.masked_text_type import NO_TEXT, MaskedText, mask
from interfix.masking.restoring_masker import MaskChangedError, Masker
from interfix.masking.rules_version import compute_rules_version
from interfix.masking.secret_detection import SecretSpan, blank_out_spans, find_secrets

__all__ = [
    "NO_TEXT",
    "MaskChangedError",
    "MaskedText",
    "Masker",
    "SecretSpan",
    "blank_out_spans",
    "compute_rules_version",
    "find_secrets",
    "mask",
]
