"""Interfix: local code completion with a base model, and explanations and edits with an instruct model, over LSP."""

__version__ = "0.1.0"
