"""Where a document names all members of a type one after another, each in the same way: what a new one is to get as well."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from interfix.completion.indent_style import get_indent
from interfix.next_edit.call_sites import is_in_scope
from interfix.next_edit.code_tokens import split_tokens
from interfix.next_edit.line_search_index import LineTable
from interfix.next_edit.member_changes import MAX_MEMBERS, Member, MemberChange, find_owner
from interfix.syntax.bracket_list import BracketList, find_enclosing_list
from interfix.syntax.document import Snapshot
from interfix.syntax.enclosing_scopes import find_enclosing_scopes
from interfix.syntax.name_place import TextKind, find_name_place

MAX_ITEM_LINES = 120
"""Lines on either side of one in which items are looked for that are written like it."""
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_TYPE = "\0"
_MAKERS = r"(?:__init__|constructor|init|(?:new|make|create|of|from)?_?{owner}|new|make|create|of)"
_OWN_TYPES = frozenset(["Self", "cls"])
_OWN_OBJECTS = frozenset(["self", "this"])
_LINKS = frozenset([".", ">", '"', "'", "`"])


def _split_words(name: str) -> list[str]:
    return [word.lower() for word in _WORDS.findall(name)]


_SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "same": lambda name: name,
    "hidden": lambda name: f"_{name}",
    "pascal": lambda name: "".join(word.capitalize() for word in _split_words(name)),
    "camel": lambda name: "".join(word.capitalize() if at else word for at, word in enumerate(_split_words(name))),
    "snake": lambda name: "_".join(_split_words(name)),
    "upper": lambda name: "_".join(_split_words(name)).upper(),
}
"""How a name may be spelled where it is named."""


class ItemTemplate(msgspec.Struct, frozen=True):
    """How a list names a member: tokens, or the spellings that a token may be of the member's name."""

    tokens: tuple[str | frozenset[str], ...]

    def narrow(self, member: Member, text: str) -> "ItemTemplate | None":
        """The same template with the spellings that hold for this text of another member, too; None where it does not fit."""
        tokens = _split_item(member, text)
        if len(tokens) != len(self.tokens):
            return None
        narrowed: list[str | frozenset[str]] = []
        for mine, other in zip(self.tokens, tokens, strict=True):
            if isinstance(mine, str):
                if mine != other and not (mine.isspace() and other.isspace()):
                    return None
                narrowed.append(mine)
                continue
            left = frozenset(each for each in mine if _SPELLINGS[each](member.name) == other)
            if not left:
                return None
            narrowed.append(left)
        return ItemTemplate(tuple(narrowed))

    def render(self, member: Member) -> str | None:
        """The text for another member; None where its type is needed and not known."""
        if _TYPE in self.tokens and not member.type:
            return None
        text = ""
        for each in self.tokens:
            spelling = "" if isinstance(each, str) else next(name for name in _SPELLINGS if name in each)
            text += each if isinstance(each, str) else _SPELLINGS[spelling](member.name)
        return text.replace(_TYPE, member.type)

    @property
    def uses_value(self) -> bool:
        """Whether the name stands for a value somewhere, and not only for a member or a key."""
        tokens = [each for each in self.tokens if not (isinstance(each, str) and each.isspace())]
        for at, each in enumerate(tokens):
            before, behind = tokens[at - 1] if at else "", tokens[at + 1] if at + 1 < len(tokens) else ""
            is_linked = before in _LINKS or tokens[max(0, at - 2) : at] == [":", ":"]
            if not isinstance(each, str) and not is_linked and behind not in (":", "="):
                return True
        return False

    @property
    def names_own(self) -> bool:
        """Whether it names the member of the object that the code belongs to."""
        tokens = [each for each in self.tokens if not (isinstance(each, str) and each.isspace())]
        return any(
            each in _OWN_OBJECTS and not all(isinstance(link, str) for link in tokens[at + 1 : at + 4])
            for at, each in enumerate(tokens)
        )


class MemberRun(msgspec.Struct, frozen=True):
    """One place that names all other members."""

    template: ItemTemplate
    """How it names each."""
    items: dict[str, tuple[int, int]]
    """By member, the bytes of its item, or of its line without indentation and line ending."""
    list: BracketList | None
    """The brackets around the items; None: each has lines of its own."""
    places: tuple[tuple[int, int], ...]
    """The bytes of all items, those too that name no member."""


def build_template(member: Member, text: str) -> ItemTemplate | None:
    """How a text names a member; None where it does not."""
    template_parts: list[str | frozenset[str]] = []
    for token in _split_item(member, text):
        spellings = frozenset(name for name, spell in _SPELLINGS.items() if spell(member.name) == token)
        template_parts.append(spellings or token)
    return None if all(isinstance(each, str) for each in template_parts) else ItemTemplate(tuple(template_parts))


def _split_item(member: Member, text: str) -> list[str]:
    if member.type:
        text = re.sub(rf"(?<![\w.]){re.escape(member.type)}(?![\w.<\[])", _TYPE, text, count=1)
    return split_tokens(text)


def find_member_runs(snapshot: Snapshot, table: LineTable, change: MemberChange) -> Iterator[MemberRun]:
    """Each place of the same type that names all other members of a change in one way, in the order of the text."""
    anchor = change.others[0]
    seen: set[int] = set()
    for line in range(len(table.lines)):
        for match in _find_spellings(anchor.name, table.lines[line]):
            at = table.find_byte(line, match)
            if change.start <= at < change.end or find_name_place(snapshot, at).kind is not TextKind.CODE:
                continue
            bracket_list = find_enclosing_list(snapshot, at)
            in_list = bracket_list is not None and len(bracket_list.items) > 1
            key = bracket_list.start if bracket_list is not None and in_list else snapshot.lines.find_start(line)
            if key in seen:
                continue
            seen.add(key)
            run = (
                _match_list(snapshot, bracket_list, change)
                if bracket_list is not None and in_list
                else _match_lines(table, line, change)
            )
            if run is not None:
                yield run


def _find_spellings(name: str, line: str) -> Iterator[int]:
    spelled = {spell(name) for spell in _SPELLINGS.values()}
    return (match.start() for match in re.finditer(r"[^\W\d]\w*", line) if match[0] in spelled)


def _match_list(snapshot: Snapshot, bracket_list: BracketList, change: MemberChange) -> MemberRun | None:
    if bracket_list.has_comments or len(bracket_list.items) > MAX_MEMBERS:
        return None
    texts = [(start, end, snapshot.data[start:end].decode("utf-8", "replace")) for start, end in bracket_list.items]
    matched = _match_items(texts, change.others)
    if matched is None:
        return None
    template, items = matched
    if not _is_of_owner(snapshot, bracket_list, change.owner) and not _is_own_literal(
        snapshot, bracket_list, template, change.owner
    ):
        return None
    value_needed = template.uses_value and not _find_header(snapshot, bracket_list.start)
    if change.is_added and value_needed and not is_in_scope(snapshot, change.member.name, bracket_list.start):
        return None
    return MemberRun(template, items, bracket_list, bracket_list.items)


def _match_lines(table: LineTable, line: int, change: MemberChange) -> MemberRun | None:
    snapshot = table.snapshot
    texts = _list_items(table, line)
    at = table.find_byte(line, len(get_indent(table.lines[line])))
    matched = _match_items(texts, change.others)
    if matched is None or not _belongs(snapshot, at, change.owner, table.lines[line]):
        return None
    template, items = matched
    if change.is_added and template.uses_value and not is_in_scope(snapshot, change.member.name, at):
        return None
    return MemberRun(template, items, None, tuple((start, end) for start, end, _ in texts))


def _list_items(table: LineTable, line: int) -> list[tuple[int, int, str]]:
    """The lines around one that are indented like it, each with the deeper ones below it: bytes and text, without the
    indentation before it.
    """
    snapshot, indent = table.snapshot, get_indent(table.lines[line])

    def holds(number: int) -> bool:
        inside = 0 <= number < len(table.lines) and abs(number - line) < MAX_ITEM_LINES
        return inside and bool(table.lines[number].strip()) and table.lines[number].startswith(indent)

    low = high = line
    while holds(low - 1):
        low -= 1
    while holds(high + 1):
        high += 1
    heads = [number for number in range(low, high + 1) if get_indent(table.lines[number]) == indent]
    texts = []
    for head, behind in zip(heads, [*heads[1:], high + 1], strict=True):
        start, end = table.find_byte(head, len(indent)), snapshot.lines.find_end(snapshot.data, behind - 1)
        texts.append((start, end, snapshot.data[start:end].decode("utf-8", "replace").rstrip()))
    return texts


def _match_items(
    texts: Sequence[tuple[int, int, str]], others: Sequence[Member]
) -> tuple[ItemTemplate, dict[str, tuple[int, int]]] | None:
    """The template by which items name all members, and which item names which."""
    for _, _, text in texts:
        template = build_template(others[0], text)
        items: dict[str, tuple[int, int]] = {}
        for member in others:
            fitting = [(each, narrow) for *each, item in texts if template and (narrow := template.narrow(member, item))]
            if len(fitting) != 1:
                break
            (start, end), template = fitting[0]
            items[member.name] = start, end
        if template is not None and len(items) == len(others) == len(set(items.values())):
            return template, items
    return None


def _is_of_owner(snapshot: Snapshot, bracket_list: BracketList, owner: str) -> bool:
    """Whether brackets hold what makes an object of the type: a constructor's parameters, a literal, a call of it."""
    if not owner:
        return False
    header = _find_header(snapshot, bracket_list.start)
    if header:
        makes = re.fullmatch(_MAKERS.format(owner=re.escape(owner)), header, re.IGNORECASE) is not None
        return makes and (find_owner(snapshot, bracket_list.start) in ("", owner))
    before = snapshot.data[max(0, bracket_list.start - 200) : bracket_list.start].decode("utf-8", "replace")
    match = re.search(r"(\w+)\s*$", before)
    if match is None:
        return False
    return match[1] == owner or (match[1] in _OWN_TYPES and find_owner(snapshot, bracket_list.start) == owner)


def _is_own_literal(snapshot: Snapshot, bracket_list: BracketList, template: ItemTemplate, owner: str) -> bool:
    """Whether brackets that nothing is called with list the object's own members, or make what their function says it gives."""
    before = snapshot.data[snapshot.lines.find_start(snapshot.lines.find_line(bracket_list.start)) : bracket_list.start].decode(
        "utf-8", "replace"
    )
    if not owner or (re.search(r"[\w)\]]$", before.rstrip()) and not re.search(r"\b(?:return|yield)$", before.rstrip())):
        return False
    if find_owner(snapshot, bracket_list.start) == owner and template.names_own:
        return True
    functions = [each for each in find_enclosing_scopes(snapshot, bracket_list.start) if each.kind == "function"]
    header = snapshot.data[functions[-1].header_start : functions[-1].signature_end].decode("utf-8", "replace") if functions else ""
    is_braces = snapshot.data[bracket_list.start : bracket_list.start + 1] == b"{"
    return is_braces and before.rstrip().endswith("return") and re.search(rf"\b{re.escape(owner)}\b", header) is not None


def _find_header(snapshot: Snapshot, offset: int) -> str:
    """The function in whose header a byte is; empty in none."""
    scopes = [each for each in find_enclosing_scopes(snapshot, offset) if each.kind == "function"]
    return next((each.name for each in scopes[-1:] if each.header_start <= offset < each.signature_end), "")


def _belongs(snapshot: Snapshot, offset: int, owner: str, line: str) -> bool:
    """Whether lines speak of the type: within it, in a function that makes it, or by its name."""
    if not owner:
        return False
    names = [re.sub(r"<.*", "", each.name) for each in find_enclosing_scopes(snapshot, offset)]
    makes = any(re.fullmatch(_MAKERS.format(owner=re.escape(owner)), name, re.IGNORECASE) for name in names)
    word = re.compile(rf"\b{re.escape(owner)}\b")
    functions = [each for each in find_enclosing_scopes(snapshot, offset) if each.kind == "function"]
    takes = any(
        word.search(snapshot.data[each.header_start : each.signature_end].decode("utf-8", "replace")) for each in functions[-1:]
    )
    return owner in names or makes or takes or word.search(line) is not None
