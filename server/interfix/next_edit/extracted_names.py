"""Values and expressions that the last edits gave a name: `name = order.customer.name`, `const LIMIT = 250`."""

import re
from collections.abc import Iterator

import msgspec

from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.line_search_index import LineTable
from interfix.next_edit.name_changes import list_edits
from interfix.next_edit.rewrites import History
from interfix.syntax.enclosing_scopes import find_enclosing_scopes
from interfix.syntax.name_place import TextKind, find_name_place
from interfix.syntax.node_lookup import find_leaf

MIN_STRING_CHARACTERS = 4
"""A shorter string, quotes aside, is the same by chance."""
MIN_EXPRESSION_CHARACTERS = 7
"""Likewise an expression."""
MIN_DIGITS = 3
"""Likewise a number, its point aside, unless it gave way to the name once."""
MAX_CALL_LINES = 12
"""How far below what is called once, and its result kept, may be called for the same result."""
_TYPE = r"(?:[A-Za-z_][\w.<>\[\],?&* ]*[\s*&])??"
_DECLARATION = re.compile(
    r"\s*(?P<marks>(?:(?:export|pub(?:\(\w+\))?|public|private|protected|internal|static|final|readonly|const|constexpr|let|mut|va[lr]|auto|my|local|"
    r"lazy|#\s*define)\s+)*)"
    rf"{_TYPE}(?P<name>\$?[A-Za-z_]\w*)\s*(?::\s*[^=]+?)?(?:\s*(?<![=!<>])(?::=|=)(?![=>])\s*|(?<=\w)\s+(?=[\"'\d(]))(?P<value>\S.*?)\s*;?\s*"
)
_STRING = re.compile(r"(?:\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')")
_NUMBER = re.compile(r"-?\d[\d_]*(?:\.\d+)?")
_EXPRESSION = re.compile(r"[\w$\"'\[\](). ,:>?!-]+")
_WORD = re.compile(r"(?<![\w.$\"'])[A-Za-z_$]\w*")
_CHANGING = re.compile(
    r"(?:pop|next|read\w*|recv\w*|shift|poll|input|random\w*|rand|now|time|uuid\w*|get_nowait|scan\w*|Scan\w*|create\w*|new\w*|New\w*)\("
)
"""Calls of which each gives something else."""


class ExtractedName(msgspec.Struct, frozen=True):
    """A name and what it stands for."""

    name: str
    """The new name."""
    value: str
    """What it was declared as."""
    line: int
    """Zero-based line of the declaration."""
    number: int
    """The number of the newest edit that it follows from."""
    spans: tuple[tuple[int, int], ...]
    """Where else the value stands and the name can take its place: bytes, in the order of the text."""


def list_extracted_names(context: EditContext, table: LineTable, history: History) -> tuple[ExtractedName, ...]:
    """All that the newest edits declared, or put in the place of what is declared so."""
    return tuple({(each.name, each.value): each for each in _NameSearch(context, table, history).list_names()}.values())


class _NameSearch:
    def __init__(self, context: EditContext, table: LineTable, history: History) -> None:
        self._context, self._table, self._history, self._snapshot = context, table, history, context.snapshot

    def list_names(self) -> Iterator[ExtractedName]:
        replaced = {
            (pair[1], pair[0]): rewrite.occasions[0].number
            for rewrite in self._history.rewrites
            for pair in rewrite.changes
            if pair[0] and pair[1]
        }
        lines: dict[int, int] = {}
        for edit in list_edits(self._context):
            if b"\n" in edit.new or not edit.old.strip():
                first = self._snapshot.lines.find_line(edit.start)
                last = self._snapshot.lines.find_line(edit.end)
                lines |= {line: edit.number for line in range(first, last + 1) if line not in lines}
        for new, old in replaced:
            if re.fullmatch(r"\$?[A-Za-z_]\w*", new):
                lines |= {line: replaced[new, old] for line in self._table.find_words(new) if line not in lines}
        for line, number in sorted(lines.items()):
            match = _DECLARATION.fullmatch(self._table.lines[line])
            if match is None:
                continue
            name, value = match["name"], match["value"]
            made = replaced.get((name, value), 0)
            newest = max(number, made)
            if _tells(value, is_replaced=bool(made)):
                at = self._table.find_byte(line, match.start("name"))
                spans = self._list_spans(
                    line, at, (name, value), is_constant=bool(match["marks"]) or name.isupper(), is_replaced=bool(made)
                )
                if spans is not None:
                    yield ExtractedName(name, value, line, newest, tuple(spans))

    def _list_spans(
        self, line: int, at: int, pair: tuple[str, str], *, is_constant: bool, is_replaced: bool
    ) -> list[tuple[int, int]] | None:
        """Where a value may give way to its name; None where the name is declared otherwise than it seems."""
        name, value = pair
        snapshot = self._snapshot
        name_place = find_name_place(snapshot, at + name.startswith("$"))
        is_literal = _is_literal(value)
        if name_place.kind is not TextKind.CODE or not (name_place.declares or "define" in self._table.lines[line]):
            return None
        scopes = [each for each in find_enclosing_scopes(snapshot, at) if each.kind not in ("module", "namespace")]
        if name_place.scope is None and scopes and scopes[-1].kind != "function":
            style = snapshot.language.calls if snapshot.language else None
            if style is None or not style.bare_members or not is_literal:
                return None  # a member is not called by its name alone
            low, high = scopes[-1].start, scopes[-1].end
        elif name_place.scope is None:
            if not (is_literal and is_constant):
                return None
            low, high = 0, len(snapshot.data)
        else:
            low, high = at, name_place.scope[1]
        words = {name, *_WORD.findall(value)} if not is_literal else {name}
        changed = re.compile(
            rf"(?<![\w.$])(?:{'|'.join(map(re.escape, words))})(?:[.\w\[\]]*)\s*(?:[-+*/%|&^]|<<|>>|\?\?|\|\|)?=(?![=>])|"
            rf"\b(?:for|del)\s+\(?(?:const |let |var )?(?:{'|'.join(map(re.escape, words))})\b"
        )
        spans: list[tuple[int, int]] = []
        for number in self._table.find_lines(value):
            if number == line:
                continue
            text = self._table.lines[number]
            for match in re.finditer(rf"(?<![\w.$\"'`]){re.escape(value)}(?![\w\"'`(])", text):
                start = self._table.find_byte(number, match.start())
                end = start + len(value.encode())
                if low <= start < high and not self._is_other(text, match, value, start):
                    spans.append((start, end))
        if name_place.scope is not None:
            last = next((each for each in range(line + 1, len(self._table.lines)) if changed.search(self._table.lines[each])), None)
            stop = self._table.find_byte(last, 0) if last is not None else high
            spans = [each for each in spans if each[1] <= stop]
            if "(" in value and not is_replaced:
                spans = [each for each in spans if snapshot.lines.find_line(each[0]) - line <= MAX_CALL_LINES]
        return spans

    def _is_other(self, text: str, match: "re.Match[str]", value: str, start: int) -> bool:
        """Whether a value at a place is a key, a type, a path of an import, or a thing of its own."""
        before, behind = text[: match.start()].rstrip(), text[match.end() :].lstrip()
        if re.match(r"\s*(?:import|from|use|using|#\s*include|export\s.*\sfrom)\b", text) or "require(" in before:
            return True
        if behind.startswith((":", "=>")) or re.match(r"[-+*/%|&^]?=(?!=)", behind):
            return True
        if before.endswith("=") and not before.endswith(("==", "!=", "<=", ">=")) and (not behind or behind == ";"):
            return not _is_literal(value)
        kind = find_name_place(self._snapshot, start + 1 if _STRING.match(value) else start).kind
        if kind is TextKind.COMMENT or (kind is TextKind.STRING) != bool(_STRING.fullmatch(value)):
            return True
        node = find_leaf(self._snapshot, start)
        for _ in range(3):
            if node is None:
                return False
            if "attribute" in node.type and node.type.startswith("jsx"):
                return True
            if "literal_type" in node.type or "case" in node.type:
                return True
            node = node.parent
        return False


def _tells(value: str, *, is_replaced: bool) -> bool:
    """Whether a value says by itself that the same one elsewhere is no other."""
    if _STRING.fullmatch(value):
        return len(value) - len('""') >= MIN_STRING_CHARACTERS or (is_replaced and len(value) > len('""'))
    if _NUMBER.fullmatch(value):
        digits = value.strip("-").replace("_", "").replace(".", "").lstrip("0")
        return is_replaced or len(digits.rstrip("0")) >= MIN_DIGITS or ("." in value and len(digits) > 1)
    if len(value) < MIN_EXPRESSION_CHARACTERS or not _EXPRESSION.fullmatch(value) or not re.search(r"[.\[(]|->", value):
        return is_replaced and _EXPRESSION.fullmatch(value) is not None and len(value) >= MIN_EXPRESSION_CHARACTERS
    is_made = re.match(r"(?:new\s|await\s|[A-Z]\w*\()", value) is not None
    return not is_made and not _CHANGING.search(value)


def _is_literal(value: str) -> bool:
    return _STRING.fullmatch(value) is not None or _NUMBER.fullmatch(value) is not None
