"""Leaves a model's reasoning out of its answer while it is written. Asks no model."""

import re

from interfix.prompt.reasoning_mark_patterns import (
    LONE_END_PATTERN,
    LONGEST_MARK,
    MARK_PATTERN,
    count_unclear,
    find_begin,
    list_ends,
)

_FENCE = re.compile(r"[ \t>]*(?P<run>`{3,}|~{3,})(?P<info>[^`\n]*)")
_BLANK_LINES = re.compile(r"\A(?:[ \t]*\r?\n)+")


class ReasoningFilter:
    """Text goes in as it is written and comes out without reasoning, however it is cut into pieces.

    A mark in a fenced block or a code span is code. Where the request itself holds a mark, the answer may speak of it: then it
    begins reasoning only before the answer, and ends it only at the beginning of a line.
    """

    def __init__(self, request_text: str = "", *, may_lack_begin: bool = False) -> None:
        """`may_lack_begin`: the chat template may have begun the reasoning, so nothing is shown before its end or the answer's."""
        request_text = request_text.lower()
        self._quoted = {match[0] for pattern in (MARK_PATTERN, LONE_END_PATTERN) for match in pattern.finditer(request_text)}
        self._lead: str | None = "" if may_lack_begin else None
        self._held = ""
        self._line = ""  # what of the current line has been passed on
        self._fence = ""
        self._closing: re.Pattern[str] | None = None
        self._searched = 0
        self._space = ""  # before the answer's first word
        self._has_begun = self._has_reasoned = False

    @property
    def is_inside(self) -> bool:
        """Whether the text so far ends within reasoning."""
        return self._closing is not None

    @property
    def is_unclear(self) -> bool:
        """Whether all text so far may be reasoning that the chat template has begun."""
        return self._lead is not None

    @property
    def has_answer(self) -> bool:
        """Whether anything but reasoning and white space has come out."""
        return self._has_begun

    def take(self, text: str) -> str:
        """What can be shown now."""
        if self._lead is None:
            return self._read(text, is_last=False)
        self._lead += text
        if _begins_with_mark(self._lead):
            return self._end_lead(0)
        end = _find_lone_end(self._lead, self._quoted)
        return self._end_lead(end) if end else ""

    def rest(self) -> str:
        """What is still held back, at the end."""
        text = self._end_lead(0) if self._lead is not None else ""
        return text + self._read("", is_last=True)

    def _end_lead(self, start: int) -> str:
        """Go on as usual with the text held back at the beginning, from `start`, a number of characters."""
        text, self._lead = (self._lead or "")[start:], None
        self._has_reasoned = bool(start)
        return self._read(text, is_last=False)

    def _read(self, text: str, *, is_last: bool) -> str:
        self._held += text
        visible = ""
        while self._held or self._closing:
            if self._closing is not None:
                if not self._skip_reasoning(is_last=is_last):
                    break
                continue
            end = self._held.find("\n") + 1 or len(self._held)
            line = self._held[:end]
            if (match := self._find_mark(line)) is not None:
                visible += self._pass_on(line[: match.start()])
                self._held = self._held[match.end() :]
                self._begin_reasoning(match[0].lower())
                continue
            is_whole = line.endswith("\n")
            unclear_count = 0 if is_whole or is_last or self._fence else count_unclear(line)
            visible += self._pass_on(line[: len(line) - unclear_count])
            self._held = self._held[len(line) - unclear_count :]
            if not is_whole:
                break
            self._follow_fence(self._line)
            self._line = ""
        return visible

    def _find_mark(self, line: str) -> re.Match[str] | None:
        """The first mark in a line, or the rest of one, that is no code."""
        if self._fence:
            return None
        for match in MARK_PATTERN.finditer(line):
            before = self._line + line[: match.start()]
            if not self._has_begun and not before.strip():
                return match
            if match[0].lower() not in self._quoted and before.count("`") % 2 == 0:
                return match
        return None

    def _begin_reasoning(self, mark: str) -> None:
        self._line = ""
        if not self._has_begun:
            self._space = ""
        self._has_reasoned = True
        if ends := list_ends(mark):
            strict = "(?m:^)[ \t]*" if self._quoted.intersection(ends) else ""
            self._closing = re.compile(f"{strict}(?:{'|'.join(map(re.escape, ends))})", re.IGNORECASE)
            self._searched = 0

    def _skip_reasoning(self, *, is_last: bool) -> bool:
        """Drop reasoning up to its end; False where that has not come yet."""
        assert self._closing is not None
        match = self._closing.search(self._held, self._searched)
        if match is None and is_last:
            loose = re.compile(self._closing.pattern.replace("(?m:^)[ \t]*", ""), re.IGNORECASE)
            match = next(reversed(list(loose.finditer(self._held))), None)
        if match is None:
            line_start = self._held.rfind("\n") + 1
            self._searched = max(0, min(line_start, len(self._held) - LONGEST_MARK))
            self._held = "" if is_last else self._held
            return False
        self._held, self._closing = self._held[match.end() :], None
        return True

    def _pass_on(self, text: str) -> str:
        self._line += text
        if self._has_begun:
            return text
        text, self._space = self._space + text, ""
        if not text.strip():
            self._space = text
            return ""
        self._has_begun = True
        return _BLANK_LINES.sub("", text) if self._has_reasoned else text

    def _follow_fence(self, line: str) -> None:
        match = _FENCE.match(line)
        if match is None:
            return
        if not self._fence:
            self._fence = match["run"]
        elif match["run"].startswith(self._fence) and not match["info"].strip():
            self._fence = ""


def _begins_with_mark(text: str) -> bool:
    return MARK_PATTERN.match(text.lstrip()) is not None


def _find_lone_end(text: str, quoted: set[str]) -> int:
    """Behind the end of reasoning whose beginning is not in the text, a number of characters; 0 where there is none."""
    low = text.lower()
    for match in LONE_END_PATTERN.finditer(low):
        before = low[: match.start()]
        if find_begin(match[0]) in before or before.endswith(("'", '"', "`")):
            continue
        *lines, own = before.split("\n")
        is_code = own.strip() or sum(_FENCE.match(line) is not None for line in lines) % 2
        if match[0] not in quoted or not is_code:
            return match.end()
    return 0
