"""A function takes one more parameter: the call to which it hands on all its parameters, which wants that one, too."""

import re
from collections.abc import Iterator, Sequence

from interfix.next_edit.candidate import Candidate
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.finders.signature import list_added_parameters
from interfix.next_edit.next_edit_types import Replacement
from interfix.next_edit.signatures import Parameter, SignatureChange
from interfix.syntax.bracket_list import find_bracket_list

_CALL = re.compile(r"(?P<result>return\s+)?(?:await\s+|yield\s+from\s+)*[\w$.:>!-]*\w[!?]?\(")
_MANY = 2
"""So many parameters in one call tell by themselves that it is what the function is for. One does where the result is returned and
what came is given by name only: a value that may stand behind any other tells nothing."""


def find(search: EditSearch) -> list[Candidate]:
    """The lines that are a call of another function with all old parameters, of functions that the newest edit changed."""
    changes = [each for each in search.signature_changes if each.number == search.history.newest]
    return [candidate for change in changes for candidate in _list_calls(search, change)]


def _list_calls(search: EditSearch, change: SignatureChange) -> Iterator[Candidate]:
    old, new = change.old or (), change.new or ()
    added = list_added_parameters(old, new)
    if not old or not added or tuple(new[: len(old)]) != tuple(old):
        return  # one that stands before others is handed on at a place that nobody knows
    if change.scope.name != change.name:
        return  # a constructor keeps what it takes
    is_named = all(each.is_named_only for each in added)
    names, snapshot = list_names(old), search.context.snapshot
    for line in list_passing_lines(search, change, added):
        text = search.table.lines[line]
        indent = len(text) - len(text.lstrip())
        call = _CALL.match(text, indent)
        arguments = find_bracket_list(snapshot, search.table.find_byte(line, call.end() - 1)) if call else None
        if call is None or arguments is None or snapshot.lines.find_line(arguments.end) != line or not arguments.items:
            continue
        values = [snapshot.data[start:end].decode("utf-8", "replace").strip().lstrip("$") for start, end in arguments.items]
        behind = snapshot.data[arguments.end : snapshot.lines.find_end(snapshot.data, line)].decode("utf-8", "replace")
        is_whole = behind.strip().strip(")?;") == "" and (len(names) >= _MANY or (is_named and bool(call["result"])))
        if is_whole and len(names) == len(old) and values[-len(names) :] == names:
            more = "".join(f", {_pass(each)}" for each in added)
            end = arguments.items[-1][1]
            replacement = Replacement(end, end, more.encode("utf-8", "surrogatepass"))
            label = f"{change.name} hands on {added[0].name}"
            yield Candidate("delegation", "delegation", line, line + 1, (replacement,), {}, label, change.number)


def _pass(parameter: Parameter) -> str:
    return f"{parameter.name}={parameter.name}" if parameter.is_named_only else parameter.name


def list_names(parameters: Sequence[Parameter]) -> list[str]:
    """What parameters are called in the function."""
    return [each.name.lstrip("$") for each in parameters if re.fullmatch(r"\$?\w+", each.name)]


def list_passing_lines(search: EditSearch, change: SignatureChange, added: Sequence[Parameter]) -> Iterator[int]:
    """Lines of a function that pass on the last of its old parameters, where none uses those that were added."""
    snapshot, scope, names = search.context.snapshot, change.scope, list_names(change.old or ())
    body = snapshot.data[scope.signature_end : scope.end].decode("utf-8", "replace")
    if not names or any(re.search(rf"\b{re.escape(each.name.lstrip('$'))}\b", body) for each in added):
        return
    passing = re.compile(rf"[(,]\s*\$?{re.escape(names[-1])}\s*\)")
    first, last = snapshot.lines.find_line(scope.signature_end), snapshot.lines.find_line(max(scope.signature_end, scope.end - 1))
    yield from (line for line in range(first, last + 1) if passing.search(search.table.lines[line]))
