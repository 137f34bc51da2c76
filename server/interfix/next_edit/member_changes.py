"""The fields, parameters and variants of a type, and which of them the last edits added or took away."""

import re
from collections.abc import Iterator, Sequence

import msgspec

from interfix.completion.indent_style import get_indent
from interfix.next_edit.edit_log import Edit, EditKind
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.line_search_index import LineTable
from interfix.next_edit.name_changes import trim_equal_ends
from interfix.syntax.bracket_list import BracketList, find_enclosing_list
from interfix.syntax.document import Snapshot
from interfix.syntax.enclosing_scopes import Scope, find_enclosing_scopes

MIN_OTHERS = 2
"""Members beside the one that changed: what fewer have in common may be chance."""
MAX_MEMBERS = 40
"""Members of one list that are looked at."""
MAX_EDITS = 8
"""Edits that are looked at, the newest."""
_MODIFIERS = (
    r"(?:(?:pub(?:\([^)]*\))?|public|private|protected|internal|readonly|static|final|const|override|export|abstract|va[lr]|let|mut)"
    r"\s+)*"
)
_ASSIGNED = re.compile(r"(?:self|this|\$this)(?:\.|->)(?P<name>\w+)\s*=\s*\$?(?P=name)")
_WORD = re.compile(r"(?P<name>\$?\w+)")
_VALUED = re.compile(r"(?P<name>\$?\w+)\s*=\s*[^=>\s].*")
_TYPED = {
    "colon": re.compile(rf"{_MODIFIERS}(?P<name>\w+)[?!]?\s*:\s*(?P<type>[^=]+?)(?:\s*=[^=].*)?"),
    "label": re.compile(rf"{_MODIFIERS}(?P<name>\w+)\s*:\s*(?P<type>[^=]+?)(?:\s*=[^=].*)?"),
    "first": re.compile(r"(?P<name>\w+)\s+(?P<type>[^=`]+?)(?:\s*`[^`]*`)?"),
    "last": re.compile(rf"{_MODIFIERS}(?P<type>[\w<>\[\],.?:& *]+?)[\s*&]+(?P<name>\$?\w+)(?:\s*=[^=].*)?"),
}
_COUNTED = re.compile(r"\s*=\s*iota\b.*$")
_COUNTED_TYPE = re.compile(r"\w+\s+(\w+)\s*=\s*iota\b")
_RECEIVER = re.compile(r"&?(?:'\w+\s+)?(?:mut\s+)?(?:self|cls|this)")


class Member(msgspec.Struct, frozen=True):
    """One field, parameter or variant."""

    name: str
    """Its name."""
    type: str = ""
    """Its type as written; empty where none is."""


class MemberChange(msgspec.Struct, frozen=True):
    """A member that came to others, or went from among them."""

    owner: str
    """The type or function whose members they are."""
    member: Member
    """The one that came or went."""
    is_added: bool
    """Which of both."""
    before: tuple[Member, ...]
    """Those above or left of it, in order."""
    behind: tuple[Member, ...]
    """Those below or right of it."""
    start: int
    """Byte offset at which their list begins."""
    end: int
    """Byte offset behind its end."""
    number: int
    """The number of the edit."""

    @property
    def others(self) -> tuple[Member, ...]:
        """All but the one that changed."""
        return self.before + self.behind


def list_member_changes(search: EditSearch) -> Iterator[MemberChange]:
    """What the newest edits of the document added to lists of members, or took away."""
    snapshot = search.context.snapshot
    if snapshot.language is None or snapshot.language.calls is None:
        return
    edits = [each for each in search.context.edits if each.uri == snapshot.uri and each.start >= 0]
    for whole in [each for each in reversed(edits) if each.kind is not EditKind.FORMATTED][:MAX_EDITS]:
        edit = trim_equal_ends(whole)
        bracket_list = find_enclosing_list(snapshot, edit.start)
        if bracket_list is not None and bracket_list.items and _is_member_list(snapshot, bracket_list):
            yield from _compare_items(snapshot, bracket_list, edit)
        else:
            yield from _compare_lines(search.table, edit)


def parse_member(text: str, style: str) -> Member | None:
    """What an item or a line declares; None where it is anything else. `style` is where a parameter has its name."""
    text = re.sub(r"\s*//.*$", "", text.strip()).rstrip(",; ")
    text = _COUNTED.sub("", text)
    if not text or _RECEIVER.fullmatch(text):
        return None
    for pattern in (_ASSIGNED, _WORD, _TYPED[style], _VALUED):
        if match := pattern.fullmatch(text):
            groups = match.groupdict()
            return Member(groups["name"].lstrip("$"), (groups.get("type") or "").strip())
    return None


def get_style(snapshot: Snapshot) -> str:
    """Where a parameter has its name in the language of a document."""
    calls = snapshot.language.calls if snapshot.language else None
    return calls.parameter_name if calls is not None else "colon"


def _is_member_list(snapshot: Snapshot, bracket_list: BracketList) -> bool:
    """Whether what stands in brackets are the parameters of a function, or the members of a type in braces."""
    scope = _find_scope(snapshot, bracket_list.start)
    if scope is None:
        return False
    if snapshot.data[bracket_list.start : bracket_list.start + 1] == b"(":
        return scope.header_start <= bracket_list.start < scope.signature_end
    # What is parted by no commas stands in lines of its own.
    is_parted = len(bracket_list.items) > 1
    return is_parted and scope.kind != "function" and snapshot.data[bracket_list.start : bracket_list.start + 1] == b"{"


def _find_scope(snapshot: Snapshot, offset: int) -> Scope | None:
    scopes = find_enclosing_scopes(snapshot, offset)
    return scopes[-1] if scopes else None


def find_owner(snapshot: Snapshot, offset: int) -> str:
    """The name of the innermost type around a byte; empty outside of all."""
    types = [each for each in find_enclosing_scopes(snapshot, offset) if each.kind not in ("function", "module", "namespace")]
    return re.sub(r"<.*", "", types[-1].name) if types else ""


def _compare_items(snapshot: Snapshot, bracket_list: BracketList, edit: Edit) -> Iterator[MemberChange]:
    style, data = get_style(snapshot), snapshot.data
    owner = find_owner(snapshot, bracket_list.start) or _find_made_type(snapshot, bracket_list)
    items = [(start, end, parse_member(data[start:end].decode("utf-8", "replace"), style)) for start, end in bracket_list.items]
    members = [(start, end, each) for start, end, each in items[:MAX_MEMBERS] if each is not None]
    was = _list_words(edit.old)
    for number, (start, end, member) in enumerate(members):
        if edit.start <= start and end <= edit.end and member.name not in was:
            before = tuple(each for *_, each in members[:number])
            behind = tuple(each for *_, each in members[number + 1 :])
            yield MemberChange(owner, member, True, before, behind, bracket_list.start, bracket_list.end, edit.number)
    gone = parse_member(edit.old.decode("utf-8", "replace").strip().lstrip(","), style)
    if gone is not None and not edit.new.strip(b" ,\r\n\t") and all(each.name != gone.name for *_, each in members):
        before = tuple(each for start, _, each in members if start < edit.start)
        behind = tuple(each for start, _, each in members if start >= edit.start)
        yield MemberChange(owner, gone, False, before, behind, bracket_list.start, bracket_list.end, edit.number)


def _find_made_type(snapshot: Snapshot, bracket_list: BracketList) -> str:
    """What a free function makes, by its name: `NewServer` a Server."""
    scope = _find_scope(snapshot, bracket_list.start)
    match = re.fullmatch(r"(?:[Nn]ew|[Mm]ake|[Cc]reate)_?(\w+)", scope.name) if scope is not None else None
    return match[1] if match else ""


def _compare_lines(table: LineTable, edit: Edit) -> Iterator[MemberChange]:
    snapshot = table.snapshot
    first = snapshot.lines.find_line(edit.start)
    style, was = get_style(snapshot), _list_words(edit.old)
    neighbours = _list_neighbours(table, first, style)
    starts = [number for number, _ in neighbours]
    # The constants of Go that count are the members of the type that the first of them has.
    counted = _COUNTED_TYPE.match(table.lines[starts[0]].strip()) if neighbours else None
    owner = find_owner(snapshot, edit.start) or (counted[1] if counted else "")
    if not neighbours or not owner:
        return
    start, end = snapshot.lines.find_start(starts[0]), snapshot.lines.find_end(snapshot.data, starts[-1])
    for at, (number, member) in enumerate(neighbours):
        at_byte = table.find_byte(number, len(get_indent(table.lines[number])))
        if edit.start <= at_byte < edit.end and member.name not in was:
            before, behind = (tuple(each for _, each in part) for part in (neighbours[:at], neighbours[at + 1 :]))
            yield MemberChange(owner, member, True, before, behind, start, end, edit.number)
    gone = parse_member(edit.old.decode("utf-8", "replace"), style)
    if gone is not None and not edit.new.strip() and all(each.name != gone.name for _, each in neighbours):
        before = tuple(each for number, each in neighbours if number < first)
        behind = tuple(each for number, each in neighbours if number >= first)
        yield MemberChange(owner, gone, False, before, behind, start, end, edit.number)


def _list_neighbours(table: LineTable, line: int, style: str) -> list[tuple[int, Member]]:
    """The members in the lines around one, in the order of the text: as far as each line declares one."""
    around = [number for number in (line, line - 1) if 0 <= number < len(table.lines)]
    origin = next((number for number in around if _parse_line(table, number, style)), None)
    if origin is None:
        return []
    low = high = origin
    indent = get_indent(table.lines[origin])

    def holds(number: int) -> bool:
        inside = 0 <= number < len(table.lines) and abs(number - origin) < MAX_MEMBERS
        return inside and get_indent(table.lines[number]) == indent and _parse_line(table, number, style) is not None

    while holds(low - 1):
        low -= 1
    while holds(high + 1):
        high += 1
    return [(number, member) for number in range(low, high + 1) if (member := _parse_line(table, number, style))]


def _parse_line(table: LineTable, line: int, style: str) -> Member | None:
    """The member that a line declares: within a function only what an object is given."""
    text = table.lines[line].strip()
    member = parse_member(text, style)
    if member is None:
        return None
    scope = _find_scope(table.snapshot, table.find_byte(line, len(get_indent(table.lines[line]))))
    in_function = scope is not None and scope.kind == "function"
    return member if not in_function or _ASSIGNED.fullmatch(text.rstrip(",; ")) else None


def _list_words(text: bytes) -> Sequence[str]:
    return re.findall(r"\w+", text.decode("utf-8", "replace"))
