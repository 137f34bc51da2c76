"""What people write comes through whole: each line of the grammars' examples and of a corpus of what rules have taken for code of
another kind, fed as a model's output where it stands.

About `completion/stops/`, `completion/filters/` and `completion/parse_gate.py` together.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from interfix.syntax.languages import load_languages
from tests.bench.rule_survival import Loss, judge_case
from tests.bench.survival_cases import Case
from tests.effort import take_share

ROOT = Path(__file__).parents[3]
CORPUS = sorted((ROOT / "tests" / "golden" / "survival").iterdir())
EXAMPLES = sorted(file for language in load_languages() for file in (ROOT / "grammars" / language.id).glob("example.*"))

KNOWN = {
    # PHP's other spelling of a block ends with a word of its own, which no bracket stands for.
    "mailer.php": ["<?php foreach ($numbers as $number): ?>"],
}
"""By file, lines that the gate takes back where the rest of the file is not written."""


def generate_cases(file: Path) -> Iterator[Case]:
    """Each line of a file in one of eight ways, and in the next of them the next time it is drawn: asked for or not, with the rest
    of the file there or not, with a model that ends by itself or goes on; as a line, from its middle, or with the line below.
    """
    text = file.read_text()
    known = load_languages().find_by_path(str(file))
    start, above = 0, ""
    for number, line in enumerate(text.splitlines()):
        first, end = start + len(line) - len(line.lstrip()), start + len(line.rstrip())
        start += len(line) + 1
        # `} else {` right below the line that opens the block: what stands below closes that block as well.
        empty = above.endswith("{") and line.lstrip().startswith("}")
        above = line.rstrip() or above
        if empty:
            continue
        for kind, begin, stop in (("line", first, end), ("tail", (first + end) // 2, end)):
            if stop - begin < 2 or (text[begin - 1 : begin].isspace() and kind == "tail"):
                continue
            way = number + (kind == "tail") * 3
            asked, runs_on, written = bool(way & 1), bool(way & 2), bool(way & 4)
            rest = text[stop:]
            suffix = rest if written else ""
            yield Case(file, known.id if known else "text", kind, text[:begin], text[begin:stop], suffix, asked, runs_on, rest)


def find_losses(file: Path) -> list[Loss]:
    async def all_of() -> list[Loss]:
        outcomes = [await judge_case(case) for case in take_share([*generate_cases(file)])]
        return [each.loss for each in outcomes if each and each.loss]

    return asyncio.run(all_of())


def describe_loss(loss: Loss) -> str:
    case = loss.case
    suffix = case.suffix.split("\n")[0] if case.suffix else "(nothing)"
    line, before = case.prefix.count("\n") + 1, case.prefix[-30:]
    return f"{loss.rule} at line {line}: {before!r} + {case.middle!r} + {suffix!r} -> {loss.shown!r}"


@pytest.mark.parametrize("file", CORPUS + EXAMPLES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_every_line_comes_through(file: Path) -> None:
    found = [loss for loss in find_losses(file) if loss.case.suffix or loss.case.middle not in KNOWN.get(file.name, ())]
    assert [describe_loss(loss) for loss in found] == []
