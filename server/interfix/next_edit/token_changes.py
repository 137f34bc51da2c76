"""What an edit did to its lines, token by token: which tokens gave way to which text, and what stood around them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

import msgspec
from rapidfuzz import fuzz

from interfix.completion.indent_style import get_indent
from interfix.next_edit.code_tokens import is_word, split_tokens
from interfix.next_edit.edit_log import Edit

MAX_DIFF_TOKENS = 600
"""Tokens of an edit, old or new, that are compared one by one; a larger one is taken as whole lines."""
MAX_CHANGES = 40
"""Changes of one edit that are looked at."""
_ALIKE = 60.0
"""Lines that are alike to so many percent are one that was changed."""
CONTEXT_TOKENS = 4
"""Tokens that are looked at on either side of a change, white space aside."""
EDGE = "\n"
"""Stands in a context for the beginning or the end of the line."""


class TokenChange(msgspec.Struct, frozen=True):
    """Tokens of one line that gave way to a text."""

    old: str
    """What stood there: tokens of one line, white space between them included; empty for an insertion."""
    new: str
    """What stands there now, its further lines indented as they are."""
    before: str
    """The token right before it, white space or not; empty at the beginning of the line's text."""
    after: str
    """The token right after it; empty at the end of the line."""
    left: tuple[str, ...]
    """The tokens before it, the nearest first, white space left out; `EDGE` after the first of the line."""
    right: tuple[str, ...]
    """The tokens after it, likewise."""

    @property
    def is_rename(self) -> bool:
        """Whether one word gave way to one other."""
        return is_word(self.old) and is_word(self.new)


class LineChange(msgspec.Struct, frozen=True):
    """All that an edit changed in one line."""

    line: str
    """The line before, without indentation and line ending."""
    indent: str
    """Its indentation."""
    new: str
    """What stands there now, as whole lines."""
    changes: tuple[TokenChange, ...]
    """From left to right."""
    line_number: int
    """Zero-based line of the edit's new text at which the changed line begins."""


class BlockChange(msgspec.Struct, frozen=True):
    """Whole lines that gave way to others."""

    old: tuple[str, ...]
    """The lines before, without line endings; none: lines were inserted."""
    new: tuple[str, ...]
    """The lines now; none: they were deleted."""
    line_number: int
    """Zero-based line of the edit's new text at which they begin."""


def list_changes(edit: Edit) -> list[LineChange | BlockChange]:
    """What a whole-line edit did, in the order of the text."""
    old, new, head = find_changed_lines(edit)
    if not old or not new:
        return [BlockChange(tuple(old), tuple(new), head)] if old or new else []
    changes: list[LineChange | BlockChange] = []
    if len(old) == len(new):
        for number, (before, after) in enumerate(zip(old, new, strict=True)):
            if before != after and before.strip() and (change := compare_line(before, after, head + number)) is not None:
                changes.append(change)
        return changes[:MAX_CHANGES]
    if len(old) == 1 and (line := compare_line(old[0], "\n".join(new), head)) is not None:
        return [line]
    return [*_compare_lines(old, new, head)][:MAX_CHANGES]


def trim_equal_lines(edit: Edit) -> tuple[list[str], list[str]]:
    """The old and the new lines of a whole-line edit, without those at its ends that are the same."""
    old, new, _ = find_changed_lines(edit)
    return old, new


def find_changed_lines(edit: Edit) -> tuple[list[str], list[str], int]:
    """The same, and how many equal lines stand before them."""
    old, new = (text.decode("utf-8", "replace").splitlines() for text in (edit.old, edit.new))
    head = _count_equal_lines(old, new)
    tail = _count_equal_lines(old[head:][::-1], new[head:][::-1])
    return old[head : len(old) - tail], new[head : len(new) - tail], head


def _count_equal_lines(one: Sequence[str], other: Sequence[str]) -> int:
    count = 0
    while count < min(len(one), len(other)) and one[count] == other[count]:
        count += 1
    return count


def _compare_lines(old: Sequence[str], new: Sequence[str], first: int) -> Iterator[LineChange | BlockChange]:
    """Lines that pair up are compared; what is left are blocks."""
    matcher = SequenceMatcher(None, [line.strip() for line in old], [line.strip() for line in new], autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            continue
        if j - i == m - k:
            for number in range(j - i):
                if (change := compare_line(old[i + number], new[k + number], first + k + number)) is not None:
                    yield change
        else:
            yield from _pair_lines(old[i:j], new[k:m], first + k)
            yield BlockChange(tuple(old[i:j]), tuple(new[k:m]), first + k)


def _pair_lines(old: Sequence[str], new: Sequence[str], first: int) -> Iterator[LineChange]:
    """The changes of lines that are alike, in order."""
    at = 0
    for line in old:
        for number in range(at, len(new)):
            if line.strip() and fuzz.ratio(line.strip(), new[number].strip()) >= _ALIKE:
                if (change := compare_line(line, new[number], first + number)) is not None:
                    yield change
                at = number + 1
                break


def compare_line(before: str, after: str, number: int) -> LineChange | None:
    """What changed between two texts of a line that stands at `number` in its edit; None where nothing did, or it is too long."""
    indent = get_indent(before)
    old, new = split_tokens(before[len(indent) :]), split_tokens(after.removeprefix(indent).rstrip("\r\n"))
    if not old or max(len(old), len(new)) > MAX_DIFF_TOKENS:
        return None
    chunks = _join_near([code for code in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if code[0] != "equal"], old)
    changes = _find_moved_rename(old, new, tuple(_build_change(old, new, *chunk) for chunk in chunks))
    return LineChange(before.strip(), indent, after, changes, number) if changes else None


def _find_moved_rename(old: Sequence[str], new: Sequence[str], changes: tuple[TokenChange, ...]) -> tuple[TokenChange, ...]:
    """The changes of a line; where its words were put into another order and one of them is another now, that one alone.

    So the names of an import keep their order of the alphabet when one is renamed.
    """
    words = [Counter(each for each in line if is_word(each)) for line in (old, new)]
    marks = [[each for each in line if not is_word(each) and not each.isspace()] for line in (old, new)]
    renamed = [each for each in changes if each.is_rename and words[1][each.old] == words[0][each.new] == 0]
    gone, came = words[0] - words[1], words[1] - words[0]
    gone, came = gone - Counter(each.old for each in renamed), came - Counter(each.new for each in renamed)
    if len(changes) == len(renamed) or marks[0] != marks[1] or gone.total() != 1 or came.total() != 1:
        return changes
    at, to = old.index(next(iter(gone))), new.index(next(iter(came)))
    moved = _build_change(old, new, at, at + 1, to, to + 1)
    return (*(each for each in renamed), moved)


def _join_near(codes: Sequence[tuple[str, int, int, int, int]], old: Sequence[str]) -> list[tuple[int, int, int, int]]:
    """Changes between which nothing but white space stands are one."""
    joined: list[tuple[int, int, int, int]] = []
    for _, i, j, k, m in codes:
        if joined and "".join(old[joined[-1][1] : i]).strip() == "":
            joined[-1] = (joined[-1][0], j, joined[-1][2], m)
        else:
            joined.append((i, j, k, m))
    return joined


def _build_change(old: Sequence[str], new: Sequence[str], i: int, j: int, k: int, m: int) -> TokenChange:
    return TokenChange(
        "".join(old[i:j]),
        "".join(new[k:m]),
        old[i - 1] if i else "",
        old[j] if j < len(old) else "",
        list_context(reversed(old[:i])),
        list_context(old[j:]),
    )


def list_context(tokens: "Iterator[str] | Sequence[str]") -> tuple[str, ...]:
    """The next tokens that are no white space, `EDGE` where the line ends before there are enough."""
    context_lines: list[str] = []
    for token in tokens:
        if not token.isspace():
            context_lines.append(token)
            if len(context_lines) == CONTEXT_TOKENS:
                return tuple(context_lines)
    return (*context_lines, EDGE)
