"""Calibration: from suggestions that were right or wrong to weights and a threshold that keeps its promise."""

import asyncio
import json
import random
from pathlib import Path

import msgspec
import pytest

from interfix.bench import confidence_calibration
from interfix.bench.confidence_calibration import MIN_THRESHOLD, LabelledSuggestion, draw_calibration, fit_threshold, run
from interfix.completion import calibration_store
from interfix.completion.confidence import (
    DEFAULT_WEIGHTS,
    UNCALIBRATED,
    ConfidenceFeatures,
    ConfidenceWeights,
    ModelCalibration,
    estimate_probability,
)
from interfix.engine.protocol import InfillRequest
from interfix.errors import UsageError
from interfix.models.model_selection import ModelSelection
from interfix.models.role_check import BaseModel
from interfix.values import SegmentKind
from tests.fake_engine import FakeAnswer, FakeEngine

TRUTH = ConfidenceWeights(bias=2.5, mean=3.0, least=0.5, begin=0.0, length=-0.5, fresh=-1.0, closed=0.5)


def make_samples(count: int, seed: int = 5) -> list[LabelledSuggestion]:
    """Suggestions of a model whose confidence means what `TRUTH` says."""
    chance = random.Random(seed)
    found = []
    for _ in range(count):
        mean = -chance.expovariate(1.5)
        features = ConfidenceFeatures(
            mean=mean,
            least=mean * chance.uniform(1, 4),
            begin=mean * chance.uniform(0.2, 2),
            length=chance.uniform(0, 3),
            fresh=float(chance.random() < 0.5),
            closed=float(chance.random() < 0.2),
        )
        found.append(LabelledSuggestion(features, chance.random() < estimate_probability(features, TRUTH)))
    return found


def test_the_threshold_keeps_its_promise_on_cases_it_has_not_seen() -> None:
    report = fit_threshold(make_samples(1500), 0.6)
    new = make_samples(3000, seed=6)
    shown = [each for each in new if estimate_probability(each.features, report.parameters) >= report.chosen.threshold]
    assert report.reached
    assert sum(each.is_correct for each in shown) / len(shown) == pytest.approx(0.6, abs=0.05)


def test_the_fit_says_more_than_the_defaults_and_finds_what_matters() -> None:
    report = fit_threshold(make_samples(3000), 0.6)
    assert report.log_loss < report.log_loss_default
    for features in (each.features for each in make_samples(200, seed=7)):
        assert estimate_probability(features, report.parameters) == pytest.approx(estimate_probability(features, TRUTH), abs=0.12)


def test_a_very_sure_model_does_not_make_hopeless_suggestions_worth_showing() -> None:
    sure, hopeless = (
        msgspec.structs.replace(make_samples(1)[0].features, mean=mean, least=mean, begin=mean) for mean in (-0.01, -3.0)
    )
    report = fit_threshold(
        [LabelledSuggestion(sure, is_correct=True)] * 300 + [LabelledSuggestion(hopeless, number < 10) for number in range(100)],
        0.6,
    )
    assert report.steps[0].precision is not None
    assert report.steps[0].precision >= 0.6
    assert report.chosen.threshold >= MIN_THRESHOLD


def test_a_higher_target_shows_less() -> None:
    low, high = (fit_threshold(make_samples(1500), target) for target in (0.5, 0.8))
    assert high.chosen.threshold > low.chosen.threshold
    assert high.chosen.recall < low.chosen.recall
    recalls = [step.recall for step in low.steps]
    assert recalls == sorted(recalls, reverse=True)


def test_a_target_out_of_reach_is_told() -> None:
    features = make_samples(1)[0].features
    report = fit_threshold([LabelledSuggestion(features, number % 10 == 0) for number in range(200)], 0.9)
    assert not report.reached
    assert report.chosen.precision == pytest.approx(0.1)


def test_few_cases_stay_near_the_defaults() -> None:
    report = fit_threshold(make_samples(40), 0.6)
    assert abs(report.parameters.mean - DEFAULT_WEIGHTS.mean) < 2


def test_the_picture_shows_both_curves_and_the_choice() -> None:
    picture = draw_calibration(fit_threshold(make_samples(500), 0.6, model="small<1>"))
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
    monkeypatch.setattr(confidence_calibration, "create_local_engine", lambda: FakeEngine(respond=answer_sure_cases))
    monkeypatch.setattr(confidence_calibration, "estimate_completion_seconds", lambda *_: asyncio.sleep(0, 1.0))
    monkeypatch.setattr(
        confidence_calibration, "select_models", lambda _: ModelSelection(BaseModel("small", "/models/small.gguf"), None, "")
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
    report = run(cases, svg_path=picture, target=0.9)
    assert (report.suggestions, report.right) == (80, 50)
    assert report.reached
    assert report.chosen.recall == pytest.approx(0.8)
    assert calibration_store.load_fitted_calibrations() == {"small": ModelCalibration(report.parameters, report.chosen.threshold)}
    assert picture.read_text().startswith("<svg")
    assert json.loads(capsys.readouterr().out)["kept"] == report.kept


def test_it_need_not_be_kept(cases: Path) -> None:
    assert run(cases, save=False).kept == ""
    assert calibration_store.load_fitted_calibrations() == {}


def test_too_few_cases_are_refused(cases: Path) -> None:
    with pytest.raises(UsageError, match="40 are needed"):
        run(cases, limit=10)


def test_a_damaged_calibration_counts_as_none_and_is_told(cases: Path, caplog: pytest.LogCaptureFixture) -> None:
    calibration_store.save_calibration("other", UNCALIBRATED)
    assert set(calibration_store.load_fitted_calibrations()) == {"other"}
    Path(cases.parent / "confidence.json").write_text('{"other": 1}')
    assert calibration_store.load_fitted_calibrations() == {}
    assert "confidence.json cannot be used and counts as empty" in caplog.text
