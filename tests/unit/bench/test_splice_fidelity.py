"""Cases typed as sessions, over an engine that does not agree with itself in all of them."""

import gzip
import json
from pathlib import Path

import pytest

from interfix.config.settings import Settings
from interfix.engine.protocol import InfillRequest, KvReuse
from interfix.errors import UsageError
from interfix.inference_types import GenerationStart
from interfix.models.role_check import BaseModel
from tests.bench import splice_fidelity
from tests.bench.splice_fidelity import TYPED_CHARACTERS, run
from tests.fake_engine import FakeAnswer, FakeEngine

MODEL = BaseModel("model", "/model.gguf")


def disagree(request: InfillRequest) -> FakeAnswer:
    """What is expected, but another line where case b is spliced, and, unsure, where c is and nobody asks.

    Case d is a close call that goes the other way where only its prefix is reused.
    """
    spliced = request.reuse is KvReuse.SPLICE
    differs = spliced and ("/b/" in request.document or ("/c/" in request.document and not request.exact_suffix))
    differs |= "/d/" in request.document and request.reuse is KvReuse.PREFIX
    return FakeAnswer(
        f"\n{'other' if differs else 'value'}\nnever read",
        -4.0 if "/c/" in request.document else -0.1,
        GenerationStart(model="model", prompt_tokens=500, reused_tokens=480 if spliced else 0),
    )


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(respond=disagree, end_reason="length", piece_length=1)


@pytest.fixture
def cases(engine: FakeEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(splice_fidelity, "create_local_engine", lambda: engine)
    monkeypatch.setattr(splice_fidelity, "KEY_INTERVAL_SECONDS", 0)
    prefix = "def function(value):\n    return "
    rows = [{"id": name, "path": "a.py", "prefix": prefix, "suffix": "\n", "expected": "value", "kind": "tail"} for name in "abcd"]
    path = tmp_path / "cases.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps(row) for row in [*rows, {**rows[0], "kind": "body"}]).encode()))
    return path


def test_every_character_is_a_request_and_the_last_is_compared_to_a_full_decoding(
    engine: FakeEngine, cases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = run(cases, MODEL, Settings(), kinds=["tail"])
    assert len(engine.requests) == 4 * (TYPED_CHARACTERS + 5)
    first_session = engine.requests[: TYPED_CHARACTERS + 1]
    lengths = [sum(len(segment.text) for segment in request.segments) for request in first_session]
    assert lengths == sorted(lengths)
    assert (report.cases, report.strokes, report.agreement) == (4, 4 * TYPED_CHARACTERS, 0.5)
    assert (report.agreement_seen, report.shown, report.agreement_shown) == (0.75, 3, 0.6667)
    assert report.agreement_prefix == 0.75
    assert (report.agreement_asked, report.exact_splice, report.exact_asked, report.exact_full) == (0.75, 0.5, 0.75, 1.0)
    assert (report.tokens_a_stroke.p95, report.tokens_full.p50) == (20, 500)
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["agreement"] == 0.5


def test_a_file_without_such_cases_is_named(cases: Path) -> None:
    with pytest.raises(UsageError, match=r"no case of kind nonesuch"):
        run(cases, MODEL, Settings(), kinds=["nonesuch"])
