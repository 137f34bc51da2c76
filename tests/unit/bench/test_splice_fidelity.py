"""Cases typed as sessions, over an engine that does not agree with itself in all of them."""

import gzip
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Self

import pytest

from interfix.bench import splice_fidelity
from interfix.bench.splice_fidelity import TYPED_CHARACTERS, run
from interfix.config.settings import Settings
from interfix.engine.protocol import InfillRequest, KvReuse
from interfix.errors import UsageError
from interfix.models.roles import BaseModel
from interfix.values import GeneratedToken, GenerationEnd, GenerationEvent, GenerationStart

MODEL = BaseModel("model", "/model.gguf")
EXPLICIT_LINE: list[InfillRequest] = []


class DisagreeingEngine:
    """Writes what is expected, but another line where case b is spliced, and, unsure, where c is and nobody asks.

    Case d is a close call that goes the other way where only its prefix is reused.
    """

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    async def infill(self, request: InfillRequest) -> AsyncGenerator[GenerationEvent, None]:
        EXPLICIT_LINE.append(request)
        spliced = request.reuse is KvReuse.SPLICE
        yield GenerationStart(model="model", prompt_tokens=500, reused_tokens=480 if spliced else 0)
        differs = spliced and ("/b/" in request.document or ("/c/" in request.document and not request.exact_suffix))
        differs |= "/d/" in request.document and request.reuse is KvReuse.PREFIX
        for piece in ("\n", "other" if differs else "value", "\n", "never read"):
            yield GeneratedToken(text=piece, logprob=-4.0 if "/c/" in request.document else -0.1)
        yield GenerationEnd(reason="length", tokens=4, prefill_ms=1.0, decode_ms=1.0)


@pytest.fixture
def cases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(splice_fidelity, "local_engine", DisagreeingEngine)
    monkeypatch.setattr(splice_fidelity, "KEY_INTERVAL_SECONDS", 0)
    EXPLICIT_LINE.clear()
    prefix = "def function(value):\n    return "
    rows = [{"id": name, "path": "a.py", "prefix": prefix, "suffix": "\n", "expected": "value", "kind": "tail"} for name in "abcd"]
    path = tmp_path / "cases.jsonl.gz"
    path.write_bytes(gzip.compress("\n".join(json.dumps(row) for row in [*rows, {**rows[0], "kind": "body"}]).encode()))
    return path


def test_every_character_is_a_request_and_the_last_is_compared_to_a_full_decoding(
    cases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = run(cases, MODEL, Settings(), kinds=["tail"])
    assert len(EXPLICIT_LINE) == 4 * (TYPED_CHARACTERS + 5)
    assert [sum(len(segment.text) for segment in request.segments) for request in EXPLICIT_LINE[: TYPED_CHARACTERS + 1]] == sorted(
        sum(len(segment.text) for segment in request.segments) for request in EXPLICIT_LINE[: TYPED_CHARACTERS + 1]
    )
    assert (report.cases, report.strokes, report.agreement) == (4, 4 * TYPED_CHARACTERS, 0.5)
    assert (report.agreement_seen, report.shown, report.agreement_shown) == (0.75, 3, 0.6667)
    assert report.agreement_prefix == 0.75
    assert (report.agreement_asked, report.exact_splice, report.exact_asked, report.exact_full) == (0.75, 0.5, 0.75, 1.0)
    assert (report.tokens_a_stroke.p95, report.tokens_full.p50) == (20, 500)
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["agreement"] == 0.5


def test_a_file_without_such_cases_is_named(cases: Path) -> None:
    with pytest.raises(UsageError, match=r"no case of kind nonesuch"):
        run(cases, MODEL, Settings(), kinds=["nonesuch"])
