"""How much fits into a request to the instruct model, in bytes.

The engine counts exactly and has the last word; here bytes stand for tokens, on the safe side.
"""

from interfix.commands.selection import Selection
from interfix.config.settings import Settings

BYTES_PER_TOKEN = 3
"""Bytes of code a token stands for, at least: code has 3 to 4 in the vocabularies of today's models."""
INSTRUCTION_TOKENS = 400
"""What the instructions around the code take, tokens."""
MAX_CONTEXT_BYTES = 4000
"""Most bytes of context: on a laptop's processor each thousand costs a second or two."""


def compute_context_bytes(selection: Selection, settings: Settings, *, is_rewrite: bool) -> int:
    """Bytes of context that may be shown beside a selection, its answer allowed for."""
    code = (selection.end - selection.start) // BYTES_PER_TOKEN
    left = (
        settings.engine.context_tokens
        - INSTRUCTION_TOKENS
        - code
        - (code + code // 4 if is_rewrite else settings.commands.max_tokens // 2)
    )
    return max(0, min(MAX_CONTEXT_BYTES, left * BYTES_PER_TOKEN))
