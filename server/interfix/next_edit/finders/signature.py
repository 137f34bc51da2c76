"""A parameter was added, removed, moved or renamed: the calls of the function in the document.

A new argument is passed only where the rules know it: a name in scope that is called like the parameter.
"""

from collections.abc import Iterator, Mapping, Sequence

from interfix.next_edit.call_sites import Argument, Call, is_in_scope, list_calls, write_arguments
from interfix.next_edit.candidate import Candidate
from interfix.next_edit.edit_log import EditKind
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.finders.rename_in_other_file import find_place
from interfix.next_edit.line_search_index import LineTable
from interfix.next_edit.moved_names import MovedName
from interfix.next_edit.next_edit_types import Replacement
from interfix.next_edit.signatures import Parameter, SignatureChange
from interfix.syntax.document import Snapshot

MAX_AGE = 12
"""So many edits later, other files are not looked through for the calls any more."""


def find(search: EditSearch) -> list[Candidate]:
    """The calls that fit the old parameters of a function of this document, or of one that it imports from another open one."""
    changes = search.signature_changes
    candidates = [candidate for change in changes for candidate in _list_candidates(search, change, search.table)]
    for origin in search.others:
        for change in list_changes_for_others(origin):
            candidates += find_elsewhere(origin, change, search.context.snapshot)
    return candidates


def list_changes_for_others(search: EditSearch) -> list[SignatureChange]:
    """The functions that other files may call, whose parameters the last edits changed."""
    changes = [each for each in search.signature_changes if not each.class_name and each.old and each.new]
    return [each for each in changes if each.old != each.new and _count_later(search, each.number) < MAX_AGE]


def _count_later(search: EditSearch, number: int) -> int:
    """How many edits were made after one, those not counted that were only accepted."""
    return sum(each.number > number and each.kind is not EditKind.SUGGESTED for each in search.context.edits)


def find_elsewhere(search: EditSearch, change: SignatureChange, snapshot: Snapshot) -> list[Candidate]:
    """The calls of a function in another file, if that uses the document's."""
    if find_place(search, snapshot, MovedName(change.name, change.name), search.context.snapshot) is None:
        return []
    return [*_list_candidates(search, change, LineTable(snapshot))]


def _list_candidates(search: EditSearch, change: SignatureChange, table: LineTable) -> Iterator[Candidate]:
    if change.old is None or change.new is None or change.old == change.new:
        return
    origins = _match_parameters(change.old, change.new)
    if origins is None:
        return
    snapshot = table.snapshot
    moved = [origin for origin in origins if origin is not None]
    edits = [each for each in search.context.edits if each.uri == snapshot.uri and each.start >= 0]
    for call in list_calls(snapshot, table, change) or ():
        if moved != sorted(moved) and any(each.start <= call.list.end and call.start <= each.end for each in edits):
            continue  # the user may have moved its arguments already
        arguments = _derive_arguments(snapshot, change, origins, call)
        if arguments is None or (
            [number for number, _ in arguments] == [*range(len(call.arguments))]
            and all(call.arguments[number].text == text for number, text in arguments)
        ):
            continue
        if call.list.has_comments:
            continue
        start, end, text = write_arguments(snapshot, call, arguments)
        line, end_line = snapshot.lines.find_line(call.start), snapshot.lines.find_line(call.list.end - 1) + 1
        evidence = {
            "certain": float(call.is_certain),
            "added": float(None in origins),
            "removed": float(len(set(moved)) < len(change.old)),
            "moved": float(moved != sorted(moved)),
            "recent": float(change.number == search.history.newest),
        }
        label = f"{change.name}: pass what it takes now"
        yield Candidate("signature", "signature", line, end_line, (Replacement(start, end, text),), evidence, label, change.number)


def list_added_parameters(old: Sequence[Parameter], new: Sequence[Parameter]) -> list[Parameter]:
    """The parameters that a function takes now and did not before; none where that cannot be told."""
    origins = _match_parameters(old, new)
    return [each for each, origin in zip(new, origins or (), strict=False) if origin is None]


def accepts_call(parameters: Sequence[Parameter], arguments: Sequence[Argument]) -> bool:
    """Whether a call fits these parameters."""
    return _assign(parameters, arguments) is not None


def _match_parameters(old: Sequence[Parameter], new: Sequence[Parameter]) -> list[int | None] | None:
    """For each new parameter which of the old ones it is, None for one that was added; None where that cannot be told."""
    names = [each.name for each in old]
    if len(set(names)) < len(names) or len({each.name for each in new}) < len(new):
        return None
    origins = [names.index(each.name) if each.name in names else None for each in new]
    gone = [number for number in range(len(old)) if number not in origins]
    added = [number for number, origin in enumerate(origins) if origin is None]
    if gone and added:
        if len(old) != len(new) or gone != added:
            return None
        for number in gone:
            origins[number] = number  # renamed
    return origins


def _derive_arguments(
    snapshot: Snapshot, change: SignatureChange, origins: Sequence[int | None], call: Call
) -> list[tuple[int, str]] | None:
    """The arguments of a call as the new parameters want them; None where it does not fit the old ones, or one is not known."""
    assert change.old is not None
    assert change.new is not None
    given = _assign(change.old, call.arguments)
    if given is None:
        return None
    style = snapshot.language.calls if snapshot.language else None
    sign = style.argument_sign if style else ""
    labelled = style is not None and style.parameter_name == "label"
    placed: list[tuple[int, str]] = []
    keywords: list[tuple[int, str]] = []
    skipped = False
    for parameter, origin in zip(change.new, origins, strict=True):
        if origin is None:
            if parameter.is_optional:
                skipped = True
                continue
            if not is_in_scope(snapshot, parameter.name, call.start):
                return None
            number, value, by_name = -1, parameter.name, parameter.is_named_only or (labelled and parameter.name != "_")
        elif origin not in given:
            skipped = True
            continue
        else:
            number = given[origin]
            argument = call.arguments[number]
            value = _get_value(argument, sign)
            by_name = bool(argument.name) or parameter.is_named_only
            if argument.name and parameter.name == change.old[origin].name:
                (placed if labelled else keywords).append((number, argument.text))
                continue
        if by_name or skipped:
            if not sign or parameter.name == "_":
                return None
            (placed if labelled else keywords).append((number, parameter.name.lstrip("$") + sign + value))
        elif keywords and not labelled and number < 0:
            keywords.append((number, parameter.name.lstrip("$") + sign + value))
        else:
            placed.append((number, value))
    keywords.sort(key=lambda each: each[0] if each[0] >= 0 else len(call.arguments))
    return [*placed, *keywords]


def _assign(old: Sequence[Parameter], arguments: Sequence[Argument]) -> Mapping[int, int] | None:
    """By number of the parameter, the number of its argument; None where a call does not fit the parameters."""
    given: dict[int, int] = {}
    at = 0
    for number, argument in enumerate(arguments):
        if argument.is_spread:
            return None
        if argument.name:
            which = next((index for index, each in enumerate(old) if each.name.lstrip("$") == argument.name), None)
        else:
            which = at if at < len(old) and not old[at].is_named_only and not old[at].is_variadic else None
            at += 1
        if which is None or which in given:
            return None
        given[which] = number
    if any(number not in given and not each.is_optional for number, each in enumerate(old)):
        return None
    return given


def _get_value(argument: Argument, sign: str) -> str:
    if not argument.name:
        return argument.text
    return argument.text[len(argument.name) :].lstrip().removeprefix(sign.strip()).lstrip()
