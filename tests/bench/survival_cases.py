"""Cursors in real files, and what their authors wrote there: what `rule_survival` feeds as a model's output."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from interfix.completion.multiline_choice import SuggestionShape
from interfix.syntax.document import Document, Snapshot
from interfix.syntax.indent_structure import measure_line_indent
from interfix.syntax.query_matches import find_captures, find_matches, find_text_spans

KINDS = ("tail", "inner", "line", "lines", "body", "definition")
"""The rest of a line; a part of one; a whole line; some lines of one block, asked for as such; the lines of a block that begins; a
block with the line that opens it.
"""
UNWRITTEN = 1 / 3
"""Of so great a share of the cases the rest of the file is not there yet."""
_MOST_LINES = 12
"""Longer blocks are not drawn."""
_MOST_REST = 2000
_TRIES = 20
_TOKEN = re.compile(r"\n[ \t]*| ?[^\W\d]{1,7}| ?\d| ?[^\w\s]{1,3}|[ \t]+|.", re.DOTALL)
_CLOSING_LINE = re.compile(r"\s*(?:[)\]}]|end\b|fi\b|done\b|esac\b)")
_EMPTY_SPACE = re.compile(r"\n[ \t]*\n[ \t]*\n")


class Case(msgspec.Struct, frozen=True):
    """A cursor, and what stood behind it."""

    path: Path
    """The file it was taken from."""
    language: str
    """Its language's id."""
    kind: str
    """One of `KINDS`."""
    prefix: str
    """What stands before the cursor."""
    middle: str
    """What its author wrote there."""
    suffix: str
    """What stands after it."""
    asked: bool
    """Whether somebody asks for it."""
    runs_on: bool
    """Whether the model goes on with what follows in the file, as base models do, or ends where the author's text ends."""
    rest: str
    """What follows in the file, which the suffix holds or somebody has yet to write."""

    @property
    def shape(self) -> SuggestionShape:
        """What is asked for."""
        return SuggestionShape.BLOCK if self.kind == "lines" else SuggestionShape.AUTO

    def snapshot(self) -> Snapshot:
        """The file with the cursor's text taken out."""
        return Document(self.path.absolute().as_uri(), self.prefix + self.suffix).snapshot()

    def output(self) -> list[str]:
        """The author's text in pieces about as long as a model's tokens; more than that where it `runs_on`."""
        return split_tokens(self.middle + self.rest[:_MOST_REST] if self.runs_on else self.middle)


def split_tokens(text: str) -> list[str]:
    """The text in pieces as long as a tokenizer makes them of code: words, digits, signs, line breaks with their indentation."""
    return _TOKEN.findall(text)


def generate_cases(path: Path, language: str, chance: random.Random) -> Iterator[Case]:
    """One case of each kind that the file has a place for."""
    text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    snapshot = Document(path.absolute().as_uri(), text).snapshot()
    blocks = list(_blocks(snapshot))
    for kind in KINDS:
        for _ in range(_TRIES):
            hole = _hole(kind, text, blocks, chance)
            if hole is None:
                continue
            start, end = hole
            is_explicit, runs_on = kind == "lines" or chance.random() < 0.5, chance.random() < 0.5
            rest = text[end:]
            suffix = "" if kind != "inner" and chance.random() < UNWRITTEN else rest
            yield Case(path, language, kind, text[:start], text[start:end], suffix, is_explicit, runs_on, rest)
            break


def _hole(kind: str, text: str, blocks: list[tuple[int, int, int]], chance: random.Random) -> tuple[int, int] | None:
    """Where a random hole of a kind begins and ends, characters; None where there is none."""
    if kind in ("body", "definition"):
        if not blocks:
            return None
        header, body, end = chance.choice(blocks)
        # The closing line of a block stays where it is for a body, and is taken out with a definition.
        return (body, end) if kind == "body" else (header, _with_closing_line(text, header, end))
    start = text.rfind("\n", 0, chance.randrange(len(text))) + 1
    line = text[start:].split("\n", 1)[0].rstrip()
    first = len(line) - len(line.lstrip())
    if len(line) - first < 2:
        return None
    if kind == "line":
        return start + first, start + len(line)
    if kind == "lines" and _CLOSING_LINE.match(line):
        return None
    if kind == "lines":
        return start + first, _end_of_lines(text, start, first, chance.randint(2, _MOST_LINES // 2))
    cursor = chance.randrange(first + 1, len(line))
    if line[cursor - 1].isspace() and line[cursor].isspace():
        return None  # within the space that aligns a table
    if kind == "tail":
        return start + cursor, start + len(line)
    ends = [match.end() for match in re.finditer(r"\w+|[^\w\s]", line) if cursor < match.end() < len(line)]
    return (start + cursor, start + chance.choice(ends)) if ends else None


def _end_of_lines(text: str, start: int, column: int, most: int) -> int:
    """Where the last of so many lines ends that are indented at least as deep as the one at `start`, blank ones left out."""
    end = start
    for line in text[start:].split("\n")[:most]:
        if not line.strip() or len(line) - len(line.lstrip()) < column or _CLOSING_LINE.match(line):
            break
        end += len(line) + 1
    return max(end - 1, start + column + 2)


def _blocks(snapshot: Snapshot) -> Iterator[tuple[int, int, int]]:
    """The blocks of few lines: where the line that opens one begins, where its body begins and ends, characters.

    The tree of the whole file tells where a block begins and which lines are text; the body is what is indented deeper.
    """
    data, count = snapshot.data, len(snapshot.lines)
    for match in find_matches(snapshot, "blocks", 0, len(data)):
        for opener in match.get("open", ()):
            owner = opener.parent or opener
            header = snapshot.lines.find_line(owner.start_byte)
            line = snapshot.lines.find_line(max(0, opener.end_byte - 1))
            own = measure_line_indent(snapshot, line)
            if header != line or own is None or data[opener.end_byte : snapshot.lines.find_end(data, line)].strip():
                continue
            last, inside = line, line + 1
            while inside < count and inside - line <= _MOST_LINES + 1:
                columns = measure_line_indent(snapshot, inside)
                if columns is not None and columns <= own and not _free(snapshot, inside):
                    break
                last = inside if columns is not None else last
                inside += 1
            if last > line and inside - line <= _MOST_LINES + 1:
                start = snapshot.lines.find_start(line + 1)
                first = next(i for i in range(line + 1, last + 1) if measure_line_indent(snapshot, i) is not None)
                start = _first_code(snapshot, first)
                end = len(data[: snapshot.lines.find_end(data, last)].rstrip())
                spans = (_first_code(snapshot, line), start, end)
                body = data[start:end].decode()
                if not _EMPTY_SPACE.search(body):
                    yield tuple(len(data[:offset].decode()) for offset in spans)  # type: ignore[misc]


def _first_code(snapshot: Snapshot, line: int) -> int:
    start = snapshot.lines.find_start(line)
    text = snapshot.data[start : snapshot.lines.find_end(snapshot.data, line)]
    return start + len(text) - len(text.lstrip())


def _free(snapshot: Snapshot, line: int) -> bool:
    """Whether a line may stand anywhere: within a text of several lines, or a directive of a preprocessor."""
    start = snapshot.lines.find_start(line)
    if snapshot.data[start : start + 1] == b"#" and snapshot.language and snapshot.language.line_comment != "#":
        return True
    comments = find_captures(snapshot, "comments", "comment", start, start + 1)
    return any(begin < start < end for begin, end in (*find_text_spans(snapshot, start, start + 1), *comments))


def _with_closing_line(text: str, header: int, end: int) -> int:
    """Behind the line that follows a block where it is indented as the block's header and closes it."""
    column = header - text.rfind("\n", 0, header) - 1
    match = re.compile(r"\n([ \t]*)(?:[)\]}]+[;,]?|end|fi|done|esac)[ \t]*(?=\n|\Z)").match(text, end)
    return match.end() if match and len(match[1]) == column else end
