"""`interfix bench nextedit`: cases through the whole server, by rules alone."""

import json
from pathlib import Path
from typing import Any

import pytest

from interfix.bench import next_edit
from interfix.errors import UsageError
from tests.isolated_home import open_home

pytestmark = pytest.mark.slow

BEFORE = "count = 1\nprint(count)\n"
NOW = "total = 1\nprint(count)\n"
RENAME = {
    "id": "0",
    "kind": "rename",
    "language": "python",
    "path": "a.py",
    "before": BEFORE,
    "history": [{"line": 0, "old": "count = 1\n", "new": "total = 1\n"}],
    "text": NOW,
    "line": 0,
    "column": 5,
    "remaining": [{"line": 1, "old": "print(count)\n", "new": "print(total)\n"}],
}
QUIET = RENAME | {"id": "1", "kind": "quiet", "before": "x = 1\n", "text": "x = 2\n", "remaining": []}
QUIET |= {"history": [{"line": 0, "old": "x = 1\n", "new": "x = 2\n"}]}


def write_cases(path: Path, cases: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(case) + "\n" for case in cases))
    return path


def test_the_time_is_told_and_each_answer_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = [(RENAME, QUIET)[i % 2] | {"id": str(i)} for i in range(8)]
    out = tmp_path / "answers.jsonl"
    with open_home({}) as environment:
        report = next_edit.run(
            write_cases(tmp_path / "cases.jsonl", cases),
            out=out,
            settings=next_edit.choose_model_settings("none"),
            environ=environment,
        )
    answers = [json.loads(line) for line in out.read_text().splitlines()]
    assert [answer["text"] for answer in answers] == [NOW.replace("print(count)", "print(total)"), None] * 4
    assert report.total.cases == 8
    assert report.kinds["rename"].exact == report.kinds["quiet"].quiet == 1.0
    assert "8 cases: about " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("cases", "why"),
    [([], "has no cases"), ([RENAME | {"text": BEFORE}], "do not lead to its text")],
)
def test_cases_that_cannot_be_run_are_refused(tmp_path: Path, cases: list[dict[str, Any]], why: str) -> None:
    with open_home({}) as environment, pytest.raises(UsageError, match=why):
        next_edit.run(write_cases(tmp_path / "cases.jsonl", cases), environ=environment)
