"""Ends an answer where it begins another turn in plain text, or repeats itself."""

import re
from collections.abc import Sequence

MIN_LINE_REPEATS = 8
"""A line with letters or digits this often in a row is a loop."""
MIN_BLOCK_REPEATS = 4
"""Two to twelve lines this often in a row, one of them with letters or digits, are a loop."""
MAX_BLOCK_LINES = 12
MIN_PIECE_REPEATS = 8
"""A piece of a line this often in a row, at least `MIN_LOOP_CHARACTERS` in all, is a loop."""
MAX_PIECE_CHARACTERS = 80
"""Length of such a piece, characters."""
MIN_LOOP_CHARACTERS = 200

_WORD_CHARACTER = re.compile(r"\w")


class StopDetector:
    """Text goes in as it is decoded and comes out as it may be shown."""

    def __init__(self, stop_texts: Sequence[str] = (), prompt_text: str | None = None) -> None:
        """`stop_texts` cut the answer where they begin; `prompt_text` may be repeated without being a loop, None: loops are not
        looked for."""
        self.stop_reason = ""
        """Why there is nothing more to come: end or loop; empty while there may be."""
        self._stop_texts = tuple(stop_texts)
        self._prompt_text = prompt_text
        self._held = ""
        self._lines: list[str] = [""]

    def feed(self, text: str) -> str:
        """What can be shown now; a possible beginning of an end is held back until more is known."""
        self._held += text
        stop_offset = min((at for end in self._stop_texts if (at := self._held.find(end)) >= 0), default=-1)
        if stop_offset >= 0:
            self.stop_reason = "end"
            out, self._held = self._held[:stop_offset], ""
        else:
            keep = max(
                (size for end in self._stop_texts for size in range(1, len(end)) if self._held.endswith(end[:size])), default=0
            )
            out, self._held = self._held[: len(self._held) - keep], self._held[len(self._held) - keep :]
        if out and self._prompt_text is not None and self._is_looping(out, self._prompt_text):
            self.stop_reason = self.stop_reason or "loop"
        return out

    def flush(self) -> str:
        """What is still held back, for when the model has ended by itself."""
        held, self._held = self._held, ""
        return held

    def _is_looping(self, text: str, prompt_text: str) -> bool:
        """Whether the text goes round in circles now that `text` is added to it."""
        first, *more = text.split("\n")
        self._lines[-1] += first
        self._lines += more
        del self._lines[: -MAX_BLOCK_LINES * MIN_BLOCK_REPEATS - 1 - len(more)]
        whole = self._lines[:-1]
        return any(_ends_in_line_loop(whole[: len(whole) - back], prompt_text) for back in range(len(more))) or _ends_in_piece_loop(
            self._lines[-1], prompt_text
        )


def _ends_in_line_loop(lines: list[str], prompt_text: str) -> bool:
    """Whether the lines end in the same ones again and again, which nobody showed the model so."""
    for size in range(1, MAX_BLOCK_LINES + 1):
        rounds = MIN_LINE_REPEATS if size == 1 else MIN_BLOCK_REPEATS
        tail = lines[-size * rounds :]
        if len(tail) == size * rounds and tail == tail[:size] * rounds and any(map(_WORD_CHARACTER.search, tail)):
            return "\n".join(tail) not in prompt_text
    return False


def _ends_in_piece_loop(line: str, prompt_text: str) -> bool:
    """Whether a line ends in the same piece again and again."""
    for size in range(1, MAX_PIECE_CHARACTERS + 1):
        rounds = max(MIN_PIECE_REPEATS, -(-MIN_LOOP_CHARACTERS // size))
        tail = line[-size * rounds :]
        if len(tail) == size * rounds and tail == tail[:size] * rounds and _WORD_CHARACTER.search(tail):
            return tail not in prompt_text
    return False
