"""Makes Markdown harmless while it is written: nothing in it can be clicked on, and no HTML is in it; code stays as it is.

It does not ask a parser what is alive, for each renderer has its own extensions. It writes text in which nothing can be:

- A fenced block begins at the margin after an empty line, wherever it stood, so that every renderer sees the same blocks.
- A code span begins and ends on one line, with one backtick, and there is no other: where it looks for emphasis, marked pairs
  backticks without regard to their number or to backslashes. For the same reason entities stand for what could be a link's, and
  after a `[` in a paragraph no code keeps its `](`.
- In all other text `[`, `](`, `]:`, `^[`, `<`, `&entity;`, `$` and `~` (marked lets it end within code) are escaped, and what could
  be taken for an address or a name of a host is put into a code span, where no renderer looks for links.
- A table's cells end at each `|`, also within a code span. So code with a `|` is written as the code before it, `\\|`, and the code
  after it.

Each character is looked at a bounded number of times.
"""

import re
from collections.abc import Iterator

from interfix.output.control_characters import escape_control_characters

HELD = 2000
"""Characters that are held back at most until it is clear what they are."""
LONGEST_LABEL = 300
"""Characters of a link's text, or of its address, up to which the link is replaced by its text."""
_NESTED_LINKS = 3
"""A link around an image, and one around that."""
LONGEST_RUN = 16
"""Backticks in a row that may begin a code span or a block; of more than 80 a renderer may see none."""

_FENCE = re.compile(r"(?P<prefix>(?:[ \t>]|[-*+][ \t]|\d{1,9}[.)][ \t])*)(?P<run>`{3,}|~{3,})(?P<info>[^\n]*)")
_MAY_BE_FENCE = re.compile(r"(?:[ \t>]|[-*+](?:[ \t]|$)|\d{1,9}(?:[.)](?:[ \t]|$)|$))*(?:`{0,2}$|`{3,}[^`]*$|~{1,2}$|~{3,})")
_INFO = re.compile(r"[ \t]*([\w+#.-]{0,40})")
_RUN = re.compile(r"\\.|`+", re.DOTALL)
_LINK = re.compile(
    rf"(?<!\\)!?\[(?P<label>[^\[\]\\]{{0,{LONGEST_LABEL}}})\]"
    rf"\([ \t]*(?:<[^<>\0]{{0,{LONGEST_LABEL}}}>|(?:[^()\s\0]|\([^()\s\0]{{0,{LONGEST_LABEL}}}\)){{0,{LONGEST_LABEL}}})"
    rf"(?:[ \t]+(?:\"[^\"\0]{{0,{LONGEST_LABEL}}}\"|'[^'\0]{{0,{LONGEST_LABEL}}}'))?[ \t]*\)"
)
_SEPARATOR = re.compile(r"([\s|\0]+)")
_CLICKABLE = re.compile(r"//[^\s/]|://|(?i:www\.|mailto:|xmpp:)|[^\s@]@\w|[^\s.]\.[^\W\d_]{2}")
_BACKSLASHED = re.compile(r"\\([!-/:-@\[-`{-~])")
_ACTIVE = re.compile(r"(?P<pair>\\(?:[!-;=-\\^_{-~]|\](?![(:])))|\\?(?P<entity>[`<]|\](?=[(:]))|\^(?=\[)|&(?=[#A-Za-z])|[\[$~]")
_ENTITIES = {"`": "&#96;", "<": "&lt;", "]": "&#93;"}
_LEAD = "*~\"'([{<!"
_TAIL = "*~\"')]}>.,;:!?"


def code_block(code: str, language: str) -> str:
    """Code as a fenced block that nothing in it ends."""
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", code)), default=0))
    match = _INFO.match(language)
    return f"{fence}{match[1] if match else ''}\n{escape_control_characters(code)}\n{fence}"


class MarkdownSanitizer:
    """Text goes in as it is written and comes out as it may be shown."""

    def __init__(self) -> None:
        self._held = ""
        self._fence: _Fence | None = None
        self._bracketed = False
        self._line_begun = False
        self._after_blank = True

    def take(self, text: str) -> str:
        """What can be shown now; what may yet become something else is held back until it is clear."""
        data = (self._held + text).replace("\r\n", "\n")
        *lines, self._held = (data[:-1].replace("\r", "\n") + data[-1:]).split("\n")
        sanitized = [self._line(line) for line in lines]
        sanitized.append(self._begin())
        return "".join(sanitized)

    def flush(self) -> str:
        """What is still held back, at the end; an open block is closed."""
        held, self._held = self._held.replace("\r", "\n"), ""
        *lines, last = held.split("\n")
        sanitized = "".join(map(self._line, lines))
        if last:
            sanitized += self._line(last)[:-1]
            self._line_begun = True
        if self._fence is not None:
            sanitized += ("\n" if self._line_begun else "") + self._fence.run
        return sanitized

    def _line(self, line: str) -> str:
        """A line, or what is left of it, up to its end, which is added."""
        begun, self._line_begun = self._line_begun, False
        if self._fence is not None:
            return self._in_fence(line, begun=begun)
        if not begun and (match := _FENCE.fullmatch(line)) is not None and (fence := _opened(match)) is not None:
            gap = "" if self._after_blank else "\n"
            self._fence, self._after_blank = fence, False
            return f"{gap}{fence.run}{fence.info}\n"
        self._after_blank = not begun and not line.strip(" \t")
        if self._after_blank:
            self._bracketed = False
            return "\n"
        return f"{self._text(line)}\n"

    def _in_fence(self, line: str, *, begun: bool) -> str:
        assert self._fence is not None
        if begun:
            return f"{escape_control_characters(line)}\n"
        inside = self._fence.strip_indent(line)
        if inside is None:
            run, self._fence, self._after_blank = self._fence.run, None, False
            return f"{run}\n{self._line(line)}"
        if self._fence.is_end(inside):
            run, self._fence, self._after_blank = self._fence.run, None, False
            return f"{run}\n"
        return f"{escape_control_characters(inside)}\n"

    def _begin(self) -> str:
        """As much of an unfinished line as is clear."""
        held = self._held
        if held.endswith("\r"):
            return ""  # it ends the line, by itself or with the character to come
        if self._fence is not None:
            if not self._line_begun and not self._fence.is_content(held):
                return ""
            inside = held if self._line_begun else self._fence.strip_indent(held)
            if inside is None:
                return ""
            self._line_begun, self._held = True, ""
            return escape_control_characters(inside)
        if not self._line_begun and len(held) < HELD and _MAY_BE_FENCE.match(held):
            return ""
        cut = _certain(held) if len(held) < HELD else max(held.rfind(" "), held.rfind("\t")) + 1
        if not cut and len(held) < HELD:
            return ""
        self._line_begun, self._held = True, held[cut:] if cut else ""
        return self._text(held[:cut]) if cut else f"{self._text(held)} "

    def _text(self, text: str) -> str:
        """Text of a line, harmless."""
        parts = list(_split(escape_control_characters(text)))
        whole = "".join("\0" if run else piece for piece, run in parts)
        for _ in range(_NESTED_LINKS):
            whole = _LINK.sub(lambda match: match["label"], whole)
        codes = iter([piece for piece, run in parts if run])
        out = [""]
        for token in _SEPARATOR.split(whole.replace("\0\0", "\0 \0").replace("\0\0", "\0 \0")):
            if _SEPARATOR.fullmatch(token):
                text_out = "".join(_code(next(codes), bracketed=self._bracketed) if each == "\0" else each for each in token)
            else:
                self._bracketed = self._bracketed or "[" in token
                text_out = _token(token, bracketed=self._bracketed)
            if out[-1].endswith("`") and text_out.startswith("`"):
                out.append(" ")  # two code spans would become one
            if text_out:
                out.append(text_out)
        return "".join(out)


class _Fence:
    """A fenced block that is being written."""

    def __init__(self, prefix: str, run: str, info: str) -> None:
        self.run = run
        self.info = info
        self._depth = prefix.count(">")
        self._indent = len(prefix.expandtabs(4))
        self._end = re.compile(rf" {{0,3}}{re.escape(run)}[`~]*[ \t]*")

    def strip_indent(self, line: str) -> str | None:
        """A line without what it is indented by as the block itself was; None where the quotation that it stood in has ended."""
        for _ in range(self._depth):
            before, quoted, line = line.partition(">")
            if not quoted or before.strip():
                return None
        if self._depth:
            return line.removeprefix(" ")
        spaces = len(line) - len(line.lstrip(" "))
        return line[min(spaces, self._indent) :]

    def is_end(self, inside: str) -> bool:
        """Whether the line ends the block, for whichever renderer."""
        return self._end.fullmatch(inside) is not None

    def is_content(self, held: str) -> bool:
        """Whether the beginning of a line tells that it does not end the block."""
        inside = held.lstrip(" \t>")
        return bool(inside) and inside[0] not in "`~"


def _code(text: str, *, bracketed: bool) -> str:
    """A code span, or several with an escaped `|` between them; a backtick in it is another accent that looks like one."""
    text = text.replace("`", "\u02cb")
    if bracketed:
        text = text.replace("](", "]` `(")
    return "\\|".join(f"`{part}`" if part else "" for part in text.split("|"))


def _opened(match: re.Match[str]) -> _Fence | None:
    run, info = match["run"], match["info"]
    if run[0] == "`" and "`" in info:
        return None
    info_match = _INFO.match(info)
    return _Fence(match["prefix"], run[:LONGEST_RUN] if len(run) > LONGEST_RUN else run, info_match[1] if info_match else "")


def _split(text: str) -> Iterator[tuple[str, str]]:
    """Text without a run, and the insides of code spans with their runs of backticks, in order."""
    runs = [(match.start(), match.end()) for match in _RUN.finditer(text) if match[0][0] == "`"]
    ends: dict[int, list[tuple[int, int]]] = {}
    for match in re.finditer("`+", text):
        ends.setdefault(match.end() - match.start(), []).append(match.span())
    for each in ends.values():
        each.reverse()
    at = 0
    for start, end in runs:
        if start < at:
            continue
        closing = ends.get(end - start, []) if end - start <= LONGEST_RUN else []
        while closing and closing[-1][0] < end:
            closing.pop()
        if not closing:
            continue
        yield text[at:start], ""
        yield text[end : closing[-1][0]], text[start:end]
        at = closing[-1][1]
    yield text[at:], ""


def _token(token: str, *, bracketed: bool) -> str:
    """A word of text: in a code span where it could be followed, else with all that could come to life escaped."""
    unescaped = _BACKSLASHED.sub(r"\1", token)
    if not _CLICKABLE.search(unescaped):
        return _ACTIVE.sub(_escaped, token)
    core = unescaped.lstrip(_LEAD)
    lead = unescaped[: len(unescaped) - len(core)]
    inner = core.rstrip(_TAIL)
    if not _CLICKABLE.search(inner):
        lead, inner, core = "", unescaped, unescaped
    code = _code(inner, bracketed=bracketed)
    return f"{_ACTIVE.sub(_escaped, lead)}{code}{_ACTIVE.sub(_escaped, core[len(inner) :])}"


def _escaped(match: re.Match[str]) -> str:
    return match["pair"] or _ENTITIES.get(match["entity"] or "") or f"\\{match[0]}"


def _certain(text: str) -> int:
    """How much of an unfinished line can be nothing else than it is, whatever follows: up to a space outside code and links."""
    masked, at = "", max(text.rfind(" "), text.rfind("\t")) + 1
    for piece, run in _split(text[:at]):
        if run:
            masked += "\0" * (len(piece) + 2 * len(run))
            continue
        begun = next((match.start() for match in _RUN.finditer(piece) if match[0][0] == "`"), None)
        masked += piece[:begun]
        if begun is not None:
            break
    cut = max(masked.rfind(" "), masked.rfind("\t")) + 1
    bracket = masked.rfind("[", max(0, cut - 2 * LONGEST_LABEL), cut)
    if bracket >= 0 and _may_be_link(masked[bracket:cut]):
        cut = max(masked.rfind(" ", 0, bracket), masked.rfind("\t", 0, bracket)) + 1
    return cut


def _may_be_link(text: str) -> bool:
    _, closed, after = text.partition("]")
    return not closed or (not after or (after[0] == "(" and ")" not in after))
