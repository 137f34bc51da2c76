"""The bench as a client: a small real server over stdio in, answers, figures and sentences out."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from lsprotocol import types

from interfix.bench import headless_client, infill
from interfix.errors import UnavailableError, UsageError
from interfix.models.model_selection import ModelSelection
from interfix.models.role_check import BaseModel

SERVER = Path(__file__).with_name("fake_position_server.py")


@pytest.fixture(autouse=True)
def _small_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headless_client, "SERVE_COMMAND", (sys.executable, str(SERVER)))
    monkeypatch.setattr(infill, "select_models", lambda *_: ModelSelection(BaseModel("small", "/models/small.gguf"), None, ""))
    monkeypatch.setattr(infill, "estimate_completion_seconds", take_a_second)


async def take_a_second(*_: object) -> float:
    return 1.0


def run(tmp_path: Path, cases: list[dict[str, Any]], **options: Any) -> tuple[infill.InfillReport, list[dict[str, Any]]]:
    file, out = tmp_path / "cases.jsonl", tmp_path / "out.jsonl"
    file.write_text("".join(json.dumps({"id": number} | case) + "\n" for number, case in enumerate(cases)))
    report = infill.run(file, out=out, **options)
    return report, [json.loads(line) for line in out.read_text().splitlines()]


def test_every_case_is_asked_at_its_hole(tmp_path: Path) -> None:
    cases = [
        {"prefix": "a\r\nb = ", "suffix": " + 1\n", "language": "python"},
        {"prefix": "😀 = é", "suffix": "", "language": "go", "path": "x/y.go"},
    ]
    _, answers = run(tmp_path, cases)
    assert [(answer["id"], answer["completion"]) for answer in answers] == [(0, "python@1:4"), (1, "go@0:6")]
    assert all(answer["ms"] > 0 for answer in answers)


def test_the_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cases = [
        {"prefix": "x = ", "suffix": "\n", "kind": "line", "expected": " python@0:4\n", "language": "python"},
        {"prefix": "NOTHING", "suffix": "\n", "kind": "line", "expected": "y"},
        {"prefix": "ERROR", "suffix": "\n", "kind": "tail"},
        {"prefix": "x = ", "suffix": "\n", "kind": "never read"},
    ]
    report, answers = run(tmp_path, cases, limit=3)
    assert len(answers) == 3
    assert answers[2]["completion"] == ""
    assert "no answer" in answers[2]["error"]
    total, line = report.total, report.kinds["line"]
    assert (total.cases, total.shown, total.errors, total.expecting, total.exact) == (3, 1, 1, 2, 1)
    assert (line.cases, line.shown, line.exact) == (2, 1, 1)
    assert 0 < total.ms.p50 <= total.ms.p95
    assert report.told == ("There is nothing here.",)
    printed = capsys.readouterr()
    assert msgspec.json.decode(printed.out.splitlines()[-1], type=infill.InfillReport) == report
    assert "small" in printed.err


def test_prompts_and_their_context_are_measured(tmp_path: Path) -> None:
    case = {"prefix": "x = ", "suffix": "\n"}
    report, answers = run(tmp_path, [case, case])
    assert [(answer["prompt_tokens"], answer["context_ms"]) for answer in answers] == [(2000, 12.5)] * 2
    assert (report.total.prompt_tokens.p50, report.total.context_ms.p95) == (2000, 12.5)
    assert report.over == 0
    assert run(tmp_path, [case, case | {"prefix": "OVER"}])[0].over == 1


def test_a_run_is_compared_with_another_and_the_same_prompt_is_computed_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = {"suffix": "\n", "language": "python"}
    before = [case | {"prefix": prefix, "expected": "python@0:4"} for prefix in ("x = ", "NOTHING", "y = ")]
    (tmp_path / "before").mkdir()
    _, answers = run(tmp_path / "before", before)
    known = tmp_path / "known.jsonl"
    answers[0]["ms"] = 1234.5
    known.write_text("".join(json.dumps(answer) + "\n" for answer in answers))
    now = [before[0], before[1] | {"prefix": "z = "}, before[2] | {"prefix": "NOTHING"}]
    report, answers = run(tmp_path, [*now, case | {"prefix": "w = "}], baseline=known)
    assert [answer["ms"] == 1234.5 for answer in answers] == [True, False, False, False]
    assert report.paired == infill.BaselineComparison(cases=3, same=1, before=2, gained=1, lost=1)
    assert "1 gained, 1 lost" in capsys.readouterr().err


def test_each_workspace_has_its_own_root(tmp_path: Path) -> None:
    cases = [{"prefix": "WHERE", "suffix": "", "path": "x.py", "root": root} for root in ("one", "one", "two")]
    _, answers = run(tmp_path, cases, root=tmp_path)
    assert [answer["completion"] for answer in answers] == [(tmp_path / root / "x.py").as_uri() for root in ("one", "one", "two")]


def test_what_fits_into_the_minutes_is_a_sample_and_the_time_is_told_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = [{"prefix": "x = ", "suffix": "\n", "language": "python"}] * 40
    report, answers = run(tmp_path, cases, minutes=0.2)
    numbers = [answer["id"] for answer in answers]
    count = len(answers)
    assert 0 < count == report.total.cases <= 12
    assert report.wanted == 40
    assert numbers == sorted(numbers) != list(range(count))
    assert f"{count} of 40 cases: about {count} seconds here." in capsys.readouterr().err


def test_what_was_answered_is_shown_where_the_user_ends_the_bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    complete, asked = headless_client.HeadlessEditor.complete, 0

    async def end_at_the_third(*arguments: Any) -> str:
        nonlocal asked
        asked += 1
        if asked == 3:
            signal.raise_signal(signal.SIGINT)
            await asyncio.Event().wait()
        return await complete(*arguments)

    monkeypatch.setattr(headless_client.HeadlessEditor, "complete", end_at_the_third)
    report, answers = run(tmp_path, [{"prefix": "x = ", "suffix": "\n"}] * 5)
    assert len(answers) == report.total.cases == 2
    assert report.wanted == 5


def test_a_server_that_stops_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="server has stopped"):
        run(tmp_path, [{"prefix": "EXIT", "suffix": ""}])


def test_no_model_is_told_before_a_server_is_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(infill, "select_models", lambda *_: ModelSelection(None, None, ""))
    monkeypatch.setattr(headless_client, "SERVE_COMMAND", ("/nonexistent",))
    with pytest.raises(UnavailableError, match="interfix models pull"):
        run(tmp_path, [{"prefix": "", "suffix": ""}])


def test_bad_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no cases"):
        run(tmp_path, [])
    with pytest.raises(UsageError, match="is not a folder"):
        run(tmp_path, [{"prefix": "", "suffix": ""}], root=tmp_path / "none")
    file = tmp_path / "cases.jsonl"
    file.write_text('{"id": 1, "prefix": "", "suffix": ""}')
    with pytest.raises(UsageError, match="is not what --out wrote"):
        infill.run(file, baseline=file.with_name("none"))
    with pytest.raises(UsageError, match="cannot be written"):
        infill.run(file, out=tmp_path / "none" / "out.jsonl")


def test_documents_lie_below_the_root(tmp_path: Path) -> None:
    _, answers = run(tmp_path, [{"prefix": "WHERE", "suffix": "", "path": "src/x.py"}], root=tmp_path)
    assert answers[0]["completion"] == (tmp_path / "src" / "x.py").as_uri()


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (types.InlineCompletionItem("yz"), "yz"),
        (types.InlineCompletionItem("xyz)", range=types.Range(types.Position(1, 3), types.Position(1, 5))), "yz"),
        (types.InlineCompletionItem(types.StringValue("yz")), "yz"),
    ],
)
def test_what_an_item_would_insert(item: types.InlineCompletionItem, expected: str) -> None:
    assert headless_client.compute_insertion(item, "a\n😀(x", ")\n", types.Position(1, 4)) == expected
