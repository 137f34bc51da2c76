"""Holes cut into one's own files: the rest of a line, a line, or the body of a function, to see what a model would put there."""

import random
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from interfix.bench.fim_case_files import InfillCase
from interfix.bench.typing_sites import find_sources
from interfix.errors import UsageError
from interfix.syntax.document import Snapshot, open_file
from interfix.syntax.enclosing_scopes import find_docstring, find_scopes, is_in_empty_block

MIN_LINE_CHARACTERS = 12
"""A line with fewer characters is no question."""

_WORD_END = re.compile(r"(?<=\w)(?=\W)|(?<=[^\w\s])")
_CLOSER = re.compile(rb"\s*(?:\}|\bend)\s*\Z")
_LEAD = re.compile(rb"\s*")


class _Cut(msgspec.Struct, frozen=True):
    """What is taken out of a text. Offsets are characters."""

    start: int
    """Where the cursor is."""
    end: int
    """Where what was taken out ended."""


def sample_cases(root: Path, count: int, seed: int = 1, kinds: Sequence[str] = ("tail", "line", "body")) -> list[InfillCase]:
    """So many holes in files below `root`, each file as likely as any other: by turns the rest of a line, a line, and the body of a
    function, or only some of these `kinds`, where there are any. In every fourth case what follows is not there yet.

    Raises `UsageError` where no file has a line worth asking for.
    """
    chance = random.Random(seed)
    files = [snapshot for path in find_sources(root) if (snapshot := _read_snapshot(path)) is not None]
    unused = {kind: list(files) for kind in kinds}
    cases: list[InfillCase] = []
    turn = 0
    while any(unused.values()) and len(cases) < count:
        kind = kinds[turn % len(kinds)]
        turn += 1
        while unused[kind]:
            snapshot = chance.choice(unused[kind])
            if (cut := _CUTTERS[kind](snapshot, chance)) is not None:
                cases.append(_build_case(snapshot, cut, kind, len(cases)))
                break
            unused[kind].remove(snapshot)
    if not cases:
        raise UsageError(f"{root} has no file with a line worth asking for.")
    return cases


def _read_snapshot(path: Path) -> Snapshot | None:
    try:
        snapshot = open_file(path).snapshot()
    except UsageError:
        return None
    return snapshot if snapshot.language is not None else None


def _build_case(snapshot: Snapshot, cut: _Cut, kind: str, number: int) -> InfillCase:
    text = snapshot.text
    return InfillCase(
        id=number,
        prefix=text[: cut.start],
        suffix="" if number % 4 == 3 else text[cut.end :],
        language=snapshot.language.id if snapshot.language else "",
        path=snapshot.path,
        kind=kind,
        expected=text[cut.start : cut.end],
    )


def _cut_line(snapshot: Snapshot, chance: random.Random) -> _Cut | None:
    """All of a line but its indentation."""
    starts, lines = _split_lines(snapshot)
    worth = [index for index, line in enumerate(lines) if index and len(line.strip()) >= MIN_LINE_CHARACTERS]
    if not worth:
        return None
    index = chance.choice(worth)
    text = lines[index].rstrip("\r\n")
    return _Cut(starts[index] + len(text) - len(text.lstrip()), starts[index] + len(text))


def _cut_tail(snapshot: Snapshot, chance: random.Random) -> _Cut | None:
    """The rest of a line from the end of a word or sign on."""
    line = _cut_line(snapshot, chance)
    if line is None:
        return None
    ends = [match.start() for match in _WORD_END.finditer(snapshot.text, line.start + 1, line.end - 2)]
    return _Cut(chance.choice(ends), line.end) if ends else None


def _cut_body(snapshot: Snapshot, chance: random.Random) -> _Cut | None:
    """The statements of a function: what stands behind its header and its docstring."""
    functions = [scope for scope in find_scopes(snapshot, 0, len(snapshot.data)) if scope.kind == "function"]
    for scope in chance.sample(functions, len(functions)):
        docstring = find_docstring(snapshot, scope)
        start = docstring[1] if docstring else scope.body_start
        lead = _LEAD.match(snapshot.data, start, scope.end)
        start = lead.end() if lead else start
        body = snapshot.data[start : scope.end]
        body = _CLOSER.sub(b"", body).rstrip() if snapshot.language and snapshot.language.block != "indent" else body.rstrip()
        on_line_of_its_own = not snapshot.data[snapshot.lines.find_start(snapshot.lines.find_line(start)) : start].strip()
        if len(body) < MIN_LINE_CHARACTERS or not on_line_of_its_own:
            continue
        if is_in_empty_block(snapshot.replace_range(start, start + len(body), ""), start):
            before = len(snapshot.data[:start].decode())
            return _Cut(before, before + len(body.decode()))
    return None


def _split_lines(snapshot: Snapshot) -> tuple[list[int], list[str]]:
    """Where each line begins, characters, and the lines with their ends."""
    lines = snapshot.text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    return starts, lines


_CUTTERS: Mapping[str, Callable[[Snapshot, random.Random], _Cut | None]] = {
    "tail": _cut_tail,
    "line": _cut_line,
    "body": _cut_body,
}
"""By kind of hole, what cuts one into a file; None where the file has no place for it."""
