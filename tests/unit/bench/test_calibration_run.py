"""Calibration: cases are completed with what their workspace has, judged, fitted and kept."""

import asyncio
import json
from pathlib import Path

import msgspec
import pytest

from interfix.bench import calibration_run
from interfix.bench.calibration_fit import LabelledSuggestion, fit_confidence
from interfix.bench.calibration_run import CalibrationReport, draw_calibration, run
from interfix.completion import calibration_store
from interfix.completion.confidence import UNCALIBRATED, USUAL_DRAFT
from interfix.completion.multiline_choice import HoleKind
from interfix.engine.protocol import InfillRequest
from interfix.errors import UsageError
from interfix.inference_types import SegmentKind
from interfix.models.model_selection import ModelSelection
from interfix.models.role_check import BaseModel
from tests.fake_engine import FakeAnswer, FakeEngine


def test_the_picture_shows_both_curves_and_the_choice() -> None:
    samples = [
        LabelledSuggestion(msgspec.structs.replace(USUAL_DRAFT, mean=-number / 50), HoleKind.TAIL, number % 10 < 9 - number // 12)
        for number in range(100)
    ]
    fit = fit_confidence(samples, 0.6)
    picture = draw_calibration(CalibrationReport("small<1>", 500, 500, 200, 0.6, fit, ""))
    assert picture.startswith("<svg")
    assert picture.count("<polyline") == 2
    assert 'class="mark"' in picture
    assert "small&lt;1&gt;" in picture


def answer_sure_cases(request: InfillRequest) -> FakeAnswer:
    """Sure of a line where the text before it says SURE, and unsure of it elsewhere."""
    before = "".join(segment.text for segment in request.segments if segment.kind is SegmentKind.PREFIX)
    return FakeAnswer("total + 1\n", -0.05 if "SURE" in before else -1.5)


@pytest.fixture
def cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(calibration_run, "create_local_engine", lambda: FakeEngine(respond=answer_sure_cases))
    monkeypatch.setattr(calibration_run, "estimate_completion_seconds", lambda *_: asyncio.sleep(0, 1.0))
    monkeypatch.setattr(
        calibration_run, "select_models", lambda _: ModelSelection(BaseModel("small", "/models/small.gguf"), None, "")
    )
    monkeypatch.setattr(calibration_store, "state_dir", lambda: tmp_path)
    lines = []
    for number in range(80):
        sure = number % 2
        expected = " total + 1" if sure or number % 8 == 0 else " other"
        prefix = f"# {'SURE' if sure else 'perhaps'}\ntotal = 2\nvalue ="
        case = {"id": number, "language": "python", "prefix": prefix, "suffix": "\n", "expected": expected}
        lines.append(json.dumps(case))
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(lines))
    return file


def test_cases_are_completed_judged_and_the_fit_kept(cases: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = cases.with_suffix(".svg")
    report = run([cases], svg_path=picture, target=0.9)
    assert (report.suggestions, report.right) == (80, 50)
    assert report.fit.reached
    assert report.fit.chosen.recall == pytest.approx(0.8)
    assert calibration_store.load_fitted_calibrations() == {"small": report.fit.calibration}
    assert picture.read_text().startswith("<svg")
    assert json.loads(capsys.readouterr().out)["kept"] == report.kept


def test_it_need_not_be_kept(cases: Path) -> None:
    assert run([cases], save=False).kept == ""
    assert calibration_store.load_fitted_calibrations() == {}


def test_too_few_cases_are_refused(cases: Path) -> None:
    with pytest.raises(UsageError, match="40 are needed"):
        run([cases], limit=10)


def test_a_damaged_calibration_counts_as_none_and_is_told(cases: Path, caplog: pytest.LogCaptureFixture) -> None:
    calibration_store.save_calibration("other", UNCALIBRATED)
    assert set(calibration_store.load_fitted_calibrations()) == {"other"}
    Path(cases.parent / "calibration.json").write_text('{"other": 1}')
    assert calibration_store.load_fitted_calibrations() == {}
    assert "calibration.json cannot be used and counts as empty" in caplog.text


def test_what_is_recorded_is_not_completed_again(cases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine(respond=answer_sure_cases)
    monkeypatch.setattr(calibration_run, "create_local_engine", lambda: engine)
    records = cases.with_name("records.jsonl")
    first = run([cases], limit=50, records=records, save=False)
    assert (first.cases, len(engine.requests)) == (50, 50)
    second = run([cases], records=records, save=False)
    assert (second.cases, len(engine.requests)) == (80, 80)
    again = run([cases], records=records, save=False)
    assert (again.fit, len(engine.requests)) == (second.fit, 80)


def test_records_that_are_none_are_refused(cases: Path) -> None:
    records = cases.with_name("records.jsonl")
    records.write_text("{}")
    with pytest.raises(UsageError, match="not what another calibration has kept"):
        run([cases], records=records, save=False)
    assert records.read_text() == "{}"


def test_each_folder_is_a_workspace_and_a_group(cases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [cases.parent / name for name in ("shop", "bank")]
    for folder in folders:
        folder.mkdir()
        (folder / "code.py").write_text("def find_total(values):\n    total = sum(values) + len(values)\n    return total + 1\n")
    records = cases.with_name("records.jsonl")
    monkeypatch.setattr(calibration_run, "create_local_engine", lambda: FakeEngine("return total + 1\n"))
    with pytest.raises(UsageError, match="40 are needed"):
        run(folders, limit=12, records=records, save=False, settings={"context.index": False})
    found = [msgspec.json.decode(line)["suggestion"]["group"] for line in records.read_bytes().splitlines() if b"group" in line]
    assert set(found) == {str(folder) for folder in folders}


def test_no_folder_is_left_out_where_time_is_short(cases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders = [cases.parent / name for name in ("a", "b", "c")]
    for folder in folders:
        folder.mkdir()
        (folder / "code.py").write_text("def find_total(values):\n    total = sum(values) + len(values)\n    return total + 1\n")
    records, now = cases.with_name("records.jsonl"), 1000.0

    def answer(_request: InfillRequest) -> FakeAnswer:
        nonlocal now
        now += 11
        return FakeAnswer("return total + 1\n")

    monkeypatch.setattr("interfix.bench.time_budget.time.monotonic", lambda: now)
    monkeypatch.setattr(calibration_run, "create_local_engine", lambda: FakeEngine(respond=answer))
    with pytest.raises(UsageError, match="40 are needed"):
        run(folders, limit=30, minutes=1, records=records, save=False, settings={"context.index": False})
    found = [msgspec.json.decode(line)["suggestion"]["group"] for line in records.read_bytes().splitlines() if b"group" in line]
    assert sorted(set(found)) == [str(folder) for folder in folders]


def test_a_case_sees_the_other_files_of_its_workspace(cases: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine(respond=answer_sure_cases)
    monkeypatch.setattr(calibration_run, "create_local_engine", lambda: engine)
    workspace = cases.parent / "workspace"
    workspace.mkdir()
    (workspace / "prices.py").write_text("def find_price(name):\n    return 1\n")
    lines = [msgspec.json.decode(line) for line in cases.read_bytes().splitlines()]
    for line in lines:
        line |= {"root": "workspace", "path": "shop.py", "prefix": f"from prices import find_price\n\n{line['prefix']}"}
    cases.write_text("\n".join(map(json.dumps, lines)))
    run([cases], root=cases.parent, save=False, settings={"context.index": False})
    shown = {segment.path for request in engine.requests for segment in request.segments if segment.kind is SegmentKind.FILE}
    assert shown == {"prices.py"}
