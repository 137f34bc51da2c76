"""What `interfix bench commands` keeps of a run and makes of it."""

from pathlib import Path

import msgspec

from tests.bench.command_quality import _append_result, read_results, summarize_results
from tests.bench.task_runner import ModelCall, TaskResult

ASK = ModelCall(prompt_tokens=100, tokens=20, seconds=2.0, decode_seconds=1.0, answer="x")
RIGHT = TaskResult("a", "1", "m", "refactor", "python", True, True, "", (ASK,), 2.5, "parses")
MENDED = msgspec.structs.replace(RIGHT, task="b", asks=(ASK, ASK), seconds=4.5)
UNCHECKED = msgspec.structs.replace(RIGHT, task="c", right=None)
REFUSED = msgspec.structs.replace(RIGHT, task="d", verified=False, right=False, asks=(ASK, ASK))
TOLD = msgspec.structs.replace(RIGHT, task="e", command="explain")


def test_one_run_tells_what_holds_with_and_without_the_repair_turn() -> None:
    told = summarize_results([RIGHT, MENDED, UNCHECKED, REFUSED, TOLD])
    edits = told["edits"]
    assert list(told) == ["edits", "refactor", "explain"]
    assert (edits["tasks"], edits["verified_first"], edits["verified"], edits["repairs"]) == (4, 2, 3, 2)
    assert (edits["checked"], edits["right_first"], edits["right"]) == (3, 1, 2)
    assert (edits["tokens"], edits["tokens_per_second"], edits["seconds_first"], edits["seconds"]) == (120, 20.0, 2.0, 2.5)


def test_an_edit_that_breaks_something_is_counted() -> None:
    assert summarize_results([RIGHT, msgspec.structs.replace(MENDED, broken="the parse")])["edits"]["broken"] == 1


def test_what_a_run_has_done_is_not_done_again(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    _append_result(RIGHT, out)
    _append_result(msgspec.structs.replace(MENDED, model="another"), out)
    with out.open("ab") as lines:
        lines.write(b'{"task": "cut o')
    _append_result(REFUSED, out)
    assert len(out.read_bytes().splitlines()) == 4
    assert read_results(out, "m") == {("a", "1"): RIGHT, ("d", "1"): REFUSED}
