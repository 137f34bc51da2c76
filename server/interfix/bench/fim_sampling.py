"""Holes cut into one's own files: the rest of a line, or a whole line, to see what a model would have put there."""

import random
import re
from pathlib import Path

from interfix.bench.fim_case_files import InfillCase
from interfix.bench.typing_sites import find_sources
from interfix.errors import UsageError
from interfix.syntax.document import Snapshot, open_file

MIN_LINE_CHARACTERS = 12
"""A line with fewer characters is no question."""

_WORD_END = re.compile(r"(?<=\w)(?=\W)|(?<=[^\w\s])")


def sample_cases(root: Path, count: int, seed: int = 1) -> list[InfillCase]:
    """So many holes in files below `root`, each file as likely as any other; in every second case what follows is not there yet.

    Raises `UsageError` where no file has a line worth asking for.
    """
    chance = random.Random(seed)
    snapshots = [snapshot for path in find_sources(root) if (snapshot := _read_snapshot(path)) is not None]
    found: list[InfillCase] = []
    while snapshots and len(found) < count:
        snapshot = chance.choice(snapshots)
        if (case := _cut_case(snapshot, len(found), chance)) is None:
            snapshots.remove(snapshot)
        else:
            found.append(case)
    if not found:
        raise UsageError(f"{root} has no file with a line worth asking for.")
    return found


def _read_snapshot(path: Path) -> Snapshot | None:
    try:
        return open_file(path).snapshot()
    except UsageError:
        return None


def _cut_case(snapshot: Snapshot, number: int, rng: random.Random) -> InfillCase | None:
    lines = snapshot.text.splitlines(keepends=True)
    worth = [index for index, line in enumerate(lines) if index and len(line.strip()) >= MIN_LINE_CHARACTERS]
    if not worth or snapshot.language is None:
        return None
    index = rng.choice(worth)
    line = lines[index]
    text = line.rstrip("\r\n")
    indent = len(text) - len(text.lstrip())
    ends = [match.start() for match in _WORD_END.finditer(text, indent, len(text) - 2)]
    cut = rng.choice(ends) if number % 2 and ends else indent
    follows = line[len(text) :] + "".join(lines[index + 1 :]) if number % 4 < 2 else ""
    return InfillCase(
        id=number,
        prefix="".join(lines[:index]) + text[:cut],
        suffix=follows,
        language=snapshot.language.id,
        path=snapshot.path,
        kind="tail" if cut > indent else "line",
        expected=text[cut:],
    )
