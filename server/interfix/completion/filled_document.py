"""The file with a completion inserted, and what its tree says: what is a string, a comment or words there, and what is code.

A rule that takes a line for something by its look asks here before it cuts. Positions are characters of the completion.
"""

from functools import cached_property

from interfix.completion.unmatched_brackets import OPENERS
from interfix.syntax.node_lookup import find_opener, find_statement
from interfix.syntax.query_matches import find_captures, words
from interfix.syntax.snapshot import Snapshot


class FilledDocument:
    """A completion put into the file at a byte offset."""

    def __init__(self, snapshot: Snapshot, offset: int, text: str) -> None:
        self._text = text
        self._offset = offset
        self._snapshot = snapshot.replace_range(offset, offset, text)

    @cached_property
    def error_count(self) -> int:
        """Parse errors of the whole file; 0 without a grammar."""
        return self._snapshot.count_errors()

    def is_text_at(self, position: int, *, within: bool = False) -> bool:
        """Whether the character at a position is in a string, a comment or other words; `within`: ones that begin before it."""
        at = self._byte(position)
        return any(start + within <= at < end for start, end in words(self._snapshot, at, at + 1))

    def has_comment_at(self, position: int) -> bool:
        """Whether a comment begins at a position."""
        at = self._byte(position)
        return any(start == at for start, _ in find_captures(self._snapshot, "comments", "comment", at, at + 1))

    def find_statement(self, position: int) -> str:
        """The type of the largest node that begins at a position, the whole text and what is broken aside; empty if none does."""
        return find_statement(self._snapshot, self._byte(position))

    def closes(self, position: int, opened: str) -> bool:
        """Whether the closing bracket at a position closes one of those that were `opened` before the completion.

        Neither does the `)` behind a pattern of a shell's `case`, which nothing opens, nor a bracket in a string.
        """
        if self._snapshot.trees is None:
            return True
        if OPENERS[self._text[position]] not in opened or self.is_text_at(position):
            return False
        opener = find_opener(self._snapshot, self._byte(position), OPENERS[self._text[position]])
        # Where the tree is broken there, the look of it must do.
        return opener is None or 0 <= opener < self._offset

    def _byte(self, position: int) -> int:
        return self._offset + len(self._text[:position].encode())
