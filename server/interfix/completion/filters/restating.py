"""Comments that only say again what the code beside them says. Knows line comments and words, no language's grammar."""

import re

from interfix.completion.hole import Hole

RESTATES = 0.6
"""So great a share of a comment's words stands in the code it belongs to."""
_FEWEST = 2
"""A comment of fewer words is a heading or a mark."""
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_EMPTY = re.compile(
    "a|an|and|are|as|at|be|by|call(ed)?|checks?|create|define|do|does|each|for|from|gets?|given|here|i[fnst]|into|its|of|on|one|or|our"
    "|return(ed|ing)|sets?|so|that|the|their|then|this|to|using|value|we|which|will|with"
)
"""Words that say nothing of what the code is about."""


def without_restating(hole: Hole, text: str) -> str:
    """Drops the line comments of a completion whose words are those of the next line of code; in words, all stay, and in a file
    whose people write comments on lines of their own.

    Where nothing but such a comment is left, there is nothing to show.
    """
    mark = hole.snapshot.language.line_comment if hole.snapshot.language else ""
    if not mark or mark not in text or hole.in_words or (not hole.fresh and "\n" not in text):
        return text
    if any(line.lstrip().startswith((mark, "/*")) and not line.startswith("#!") for line in (*hole.above, *hole.below)):
        return text
    lines = text.split("\n")
    kept: list[str] = []
    for index, line in enumerate(lines):
        code = next((later for later in lines[index + 1 :] if later.strip()), "") or next(iter(hole.next_lines), "")
        comment = line.lstrip().startswith(mark) and (index > 0 or hole.fresh)
        if not comment or not _restates(line.lstrip().removeprefix(mark), code):
            kept.append(line)
    if hole.fresh and kept and kept[0] is not lines[0]:
        kept[0] = kept[0].removeprefix(hole.left)
    return "\n".join(kept)


def _restates(comment: str, code: str) -> bool:
    said = [word for word in _words(comment) if not _EMPTY.fullmatch(word)]
    known = {_stem(word) for word in _words(code)}
    return len(_words(comment)) >= _FEWEST and sum(_stem(word) in known for word in said) >= RESTATES * len(said) and bool(known)


def _words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _stem(word: str) -> str:
    """A word without what it changes by: `returns`, `checking`, `parsed`."""
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) > 2:
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e")
