"""Comments that only repeat the code beside them."""

import re

from interfix.completion.hole import InfillHole

MIN_SHARED_WORDS = 0.7
"""So great a share of a comment's words stands in the code it belongs to."""
_MIN_COMMENT_WORDS = 2
"""A comment of fewer words is a heading or a mark."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_STOP_WORD = re.compile(
    "a|an|and|are|as|at|be|by|call(ed)?|checks?|create|define|do|does|each|for|from|gets?|given|here|i[fnst]|into|its|of|on|one|or|our"
    "|return(ed|ing)|sets?|so|that|the|their|then|this|to|using|value|we|which|will|with"
)
"""Words that say nothing of what the code is about."""


def drop_redundant_comments(hole: InfillHole, text: str) -> str:
    """Drops the line comments of a completion whose words are those of the next line of code; in words, all stay, and in a file
    whose people write comments on lines of their own.

    Where nothing but such a comment is left, there is nothing to show.
    """
    mark = hole.snapshot.language.line_comment if hole.snapshot.language else ""
    if not mark or mark not in text or hole.is_prose or (not hole.is_line_start and "\n" not in text):
        return text
    if any(line.lstrip().startswith((mark, "/*")) and not line.startswith("#!") for line in (*hole.lines_above, *hole.lines_below)):
        return text
    lines = text.split("\n")
    lines_left: list[str] = []
    for index, line in enumerate(lines):
        code = next((later for later in lines[index + 1 :] if later.strip()), "") or next(iter(hole.following_lines), "")
        comment = line.lstrip().startswith(mark) and (index > 0 or hole.is_line_start)
        if not comment or not _is_redundant(line.lstrip().removeprefix(mark), code):
            lines_left.append(line)
    if hole.is_line_start and lines_left and lines_left[0] is not lines[0]:
        lines_left[0] = lines_left[0].removeprefix(hole.line_prefix)
    return "\n".join(lines_left)


def _is_redundant(comment: str, code: str) -> bool:
    words = [word for word in _split_words(comment) if not _STOP_WORD.fullmatch(word)]
    code_words = {_stem_word(word) for word in _split_words(code)}
    return (
        len(_split_words(comment)) >= _MIN_COMMENT_WORDS
        and sum(_stem_word(word) in code_words for word in words) >= MIN_SHARED_WORDS * len(words)
        and bool(code_words)
    )


def _split_words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _stem_word(word: str) -> str:
    """A word without what it changes by: `returns`, `checking`, `reparse`."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) > 2:
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e")
