"""llama.vim as a client: its context, its ring of chunks and its requests, as its source of 2026-01-31 has them.

From `autoload/llama.vim`: 256 lines before the cursor's, 64 after; the cursor's line up to the cursor is the prompt; on a line of
white space prompt and rest are empty. The ring holds 16 chunks of half of 64 lines, taken at random from where the user has been,
and is sent whole with each request. A chunk that shares more than half of its words with the text around the cursor is dropped.
Whenever the ring has changed, a request without tokens warms the server.
"""

import random
import re
from collections.abc import Sequence
from typing import Any

PREFIX_LINES = 256
SUFFIX_LINES = 64
RING_CHUNKS = 16
CHUNK_LINES = 32
MAX_SIMILARITY = 0.5
PROMPT_MS = 500
FIRST_PREDICT_MS = 250

_WORD = re.compile(r"\w+")


class LlamaVimClient:
    """One editor that has been at some files."""

    def __init__(self, visited_texts: Sequence[tuple[str, str]], rng: random.Random) -> None:
        """`visited_texts`: names and texts of the files that were looked at before, the last one last."""
        self._rng = rng
        self._ring: list[dict[str, str]] = []
        for name, text in visited_texts[-RING_CHUNKS:]:
            lines = text.split("\n")
            first = rng.randint(0, max(0, len(lines) - CHUNK_LINES))
            self._ring.append({"text": "\n".join(lines[first : first + CHUNK_LINES + 1]) + "\n", "filename": name})

    def make_warm_up(self) -> dict[str, Any]:
        """What is sent when the ring has changed."""
        return {
            **{"id_slot": 0, "input_prefix": "", "input_suffix": "", "input_extra": self._ring, "prompt": ""},
            **{"n_predict": 0, "temperature": 0.0, "samplers": [], "stream": False, "cache_prompt": True},
            **{"t_max_prompt_ms": 1, "t_max_predict_ms": 1, "response_fields": [""]},
        }

    def make_request(self, before: str, after: str, max_tokens: int) -> dict[str, Any]:
        """What is sent for a cursor, as a stream so that the first token can be seen to come."""
        *above, line_prefix = before.split("\n")
        line_suffix, *below = after.split("\n")
        indent = len(line_prefix) - len(line_prefix.lstrip())
        if not (line_prefix + line_suffix).strip():
            line_prefix = line_suffix = ""
            indent = 0
        self._drop_similar("\n".join([*above[-CHUNK_LINES:], line_prefix + line_suffix, *below[:CHUNK_LINES]]))
        return {
            "id_slot": 0,
            "input_prefix": "\n".join(above[-PREFIX_LINES:]) + "\n",
            "input_suffix": f"{line_suffix}\n" + "\n".join(below[:SUFFIX_LINES]) + "\n",
            "input_extra": self._ring,
            "prompt": line_prefix,
            "n_predict": max_tokens,
            "stop": [],
            "n_indent": indent,
            "top_k": 40,
            "top_p": 0.90,
            "samplers": ["top_k", "top_p", "infill"],
            "stream": True,
            "cache_prompt": True,
            "t_max_prompt_ms": PROMPT_MS,
            "t_max_predict_ms": FIRST_PREDICT_MS,
        }

    def _drop_similar(self, around: str) -> None:
        lines = around.split("\n")
        first = self._rng.randint(0, max(0, len(lines) - CHUNK_LINES))
        here = _WORD.findall("\n".join(lines[first : first + CHUNK_LINES + 1]))
        self._ring = [chunk for chunk in self._ring if _compute_similarity(_WORD.findall(chunk["text"]), here) <= MAX_SIMILARITY]


def _compute_similarity(one: list[str], other: list[str]) -> float:
    known = set(one)
    return 2.0 * sum(word in known for word in other) / max(1, len(one) + len(other))
