"""What a keystroke costs does not grow with the file, and within the window that rules read no faster than the line.

Computing time of this thread is compared, not time on the wall: that of a longer input to that of a shorter one, the best of three.

About `completion/stops/`, `completion/filters/` and `completion/parse_gate.py`.
"""

import time
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import pytest

from interfix.completion.filters import TRIM_FILTERS, apply_filters
from interfix.completion.hole import WINDOW_CHARACTERS, InfillHole
from interfix.completion.multiline_choice import SuggestionShape, is_trigger_position
from interfix.completion.parse_gate import trim_to_parse
from interfix.completion.stops import DEGENERATION_RULES, HOLE_END_RULES
from interfix.syntax.document import Document
from interfix.syntax.languages import Language
from interfix.syntax.snapshot import Snapshot
from tests.effort import take_share

PIECES = {
    "a word": "a",
    "words": "word ",
    "numbers": "1",
    "white space": " ",
    "opening brackets": "(",
    "brackets": "([{",
    "closing brackets": ")",
    "quotes": "'",
    "other quotes": '"',
    "backslashes": "\\",
    "marks": "# ",
    "slashes": "//",
    "apostrophes": "don't ",
    "fences": "```",
    "capitals": "Word ",
    "here is": "Here is ",
    "headers": "if a: ",
    "lines": "x = f(1)\n",
    "blank lines": "\n",
    "tags": "<a>",
    "templates": "{{ a ",
    "sigils": "$a",
    "paths": "a/b/",
    "colons": "a: ",
}
NAMES = ["a.py", "a.sh", "a.ts", "a.html"]
CLOCK = 0.0005
"""What the clock and everything but the text takes, seconds."""
COPIES = 0.006
"""What copying half a megabyte takes as often as it is done, seconds."""
COPIED_LINE = 5e-8
"""What copying where a line begins takes as often as it is done, seconds."""
OUTPUT = "value = compute(first, second)\n    return value\n"


@pytest.fixture(autouse=True)
def _without_grammars(monkeypatch: pytest.MonkeyPatch) -> None:
    """A parse has limits of its own."""
    monkeypatch.setattr(Language, "load_grammar", lambda _: None)


def measure_seconds(work: Callable[[], object]) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began


def judge(snapshot: Snapshot, offset: int, output: str) -> None:
    """All that rules do with one token and with a whole completion."""
    hole = InfillHole.from_cursor(snapshot, offset, SuggestionShape.AUTO, explicit=True)
    for rule in (*HOLE_END_RULES, *DEGENERATION_RULES):
        rule(hole, output)
    for step in TRIM_FILTERS:
        step(hole, output)
    trim_to_parse(hole, output)
    is_trigger_position(hole.line_prefix, hole.line_suffix)


def measure_cost(piece: str, size: int, side: str, name: str) -> float:
    """The least computing time of three, with so many characters of a piece at a cursor or in the completion."""
    text = (piece * (size // len(piece) + 1))[:size]
    before, after = {"left": (text, ""), "right": ("", text), "above": (text + "\n", ""), "said": ("", "")}[side]
    snapshot = Document(f"file:///project/{name}", before + after).snapshot()
    output = text if side == "said" else OUTPUT
    return min(measure_seconds(lambda: judge(snapshot, len(before), output)) for _ in range(3))


def list_cases(sides: Sequence[str]) -> list[Any]:
    """Each piece at each side in each language; in the fast suite a share of each."""
    shared = take_share([*product(sides, PIECES, NAMES)])
    return [pytest.param(PIECES[piece], side, name, id=f"{side}-{piece}-{name}") for side, piece, name in shared]


@pytest.mark.parametrize(("piece", "side", "name"), list_cases(["left", "right", "above"]))
def test_a_longer_line_costs_no_more_than_its_length(piece: str, side: str, name: str) -> None:
    once, four_times = (
        measure_cost(piece, WINDOW_CHARACTERS // 8, side, name),
        measure_cost(piece, WINDOW_CHARACTERS // 2, side, name),
    )
    assert four_times < 10 * once + CLOCK, f"{once * 1000:.2f} ms, then {four_times * 1000:.2f} ms"


@pytest.mark.parametrize(("piece", "side", "name"), list_cases(["left", "right", "above"]))
def test_a_longer_file_costs_no_more(piece: str, side: str, name: str) -> None:
    once, much = measure_cost(piece, 2 * WINDOW_CHARACTERS, side, name), measure_cost(piece, 16 * WINDOW_CHARACTERS, side, name)
    # A copy of the text and of the table of its lines is all that grows.
    copies = COPIES + 16 * WINDOW_CHARACTERS // len(piece) * piece.count("\n") * COPIED_LINE
    assert much < 3 * once + copies, f"{once * 1000:.2f} ms, then {much * 1000:.2f} ms"


@pytest.mark.parametrize(("piece", "side", "name"), list_cases(["said"]))
def test_a_longer_completion_costs_no_more_than_its_length(piece: str, side: str, name: str) -> None:
    once, four_times = measure_cost(piece, 500, side, name), measure_cost(piece, 2_000, side, name)
    assert four_times < 10 * once + CLOCK, f"{once * 1000:.2f} ms, then {four_times * 1000:.2f} ms"


@pytest.mark.parametrize("name", ["a.py", "a.js", "a.sh"])
def test_a_line_of_a_million_characters_is_judged(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    before = "x = '" + "ab " * 330_000
    snapshot = Document(f"file:///project/{name}", before + "'\n").snapshot()
    hole = InfillHole.from_cursor(snapshot, len(before), SuggestionShape.AUTO, explicit=True)
    assert len(hole.prefix) <= WINDOW_CHARACTERS
    assert isinstance(trim_to_parse(hole, apply_filters(hole, "and no more")), str)
