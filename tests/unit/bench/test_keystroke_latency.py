"""The typing that the latency bench replays, and its figures over an engine that answers at once."""

import json
import random
from pathlib import Path

import pytest

from interfix.bench import keystroke_latency
from interfix.bench.keystroke_latency import BURST_CHARACTERS, StrokeKind, generate_keystrokes, run
from interfix.config.settings import Settings
from interfix.engine.protocol import InfillRequest, KvReuse
from interfix.errors import UsageError
from interfix.models.role_check import BaseModel
from interfix.values import GenerationStart
from tests.fake_engine import FakeAnswer, FakeEngine

CODE = "".join(f"def function_{i}(value):\n    result = value * {i} + len(str(value))\n    return result\n\n\n" for i in range(40))


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    paths = [tmp_path / "one.py", tmp_path / "two.py"]
    for path in paths:
        path.write_text(CODE, encoding="utf-8")
    return paths


def decode_a_tenth_where_spliced(request: InfillRequest) -> FakeAnswer:
    reused = 900 if request.reuse is KvReuse.SPLICE else 0
    return FakeAnswer("x", start=GenerationStart(model=request.model.name, prompt_tokens=1000, reused_tokens=reused))


def test_every_keystroke_changes_one_character_at_the_cursor(files: list[Path]) -> None:
    strokes = list(generate_keystrokes(files, 2, random.Random(5)))
    last = {stroke.uri: stroke for stroke in strokes if stroke.kind is StrokeKind.OPEN}
    for stroke in strokes[2:]:
        before = last[stroke.uri]
        typed = len(stroke.text) - len(before.text)
        if stroke.kind is StrokeKind.APPEND:
            assert typed == 1
            assert stroke.offset == before.offset + 1
        elif stroke.kind is StrokeKind.DELETE:
            assert typed == -1
            assert stroke.offset == before.offset - 1
        last[stroke.uri] = stroke


def test_a_session_has_every_kind_of_keystroke_and_comes_out_the_same_again(files: list[Path]) -> None:
    one, again = (list(generate_keystrokes(files, 1, random.Random(5))) for _ in range(2))
    assert one == again
    assert {stroke.kind for stroke in one} == set(StrokeKind)
    assert sum(stroke.kind is StrokeKind.APPEND for stroke in one) == 2 * 2 * BURST_CHARACTERS


def test_the_figures(files: list[Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(keystroke_latency, "create_local_engine", lambda: FakeEngine(respond=decode_a_tenth_where_spliced))
    monkeypatch.setattr(keystroke_latency, "KEY_INTERVAL_SECONDS", 0)
    report = run(BaseModel("model", "/model.gguf"), Settings(), files, site_count=1)
    assert report.splice.tokens_decoded * 10 == report.lcp.tokens_decoded
    assert report.splice.strokes == report.lcp.strokes == report.strokes > 4 * report.none.strokes > 0
    assert report.none.tokens_a_stroke == report.lcp.tokens_a_stroke
    assert report.agreement == 1.0
    line = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(line["splice"]) >= {"tokens_decoded", "ttft_ms", "total_ms"}
    assert set(line["lcp"]["ttft_ms"]) == {"p50", "p95"}


def test_one_file_is_not_enough(files: list[Path]) -> None:
    with pytest.raises(UsageError, match="two or more"):
        run(BaseModel("model", "/model.gguf"), Settings(), files[:1])


def test_a_file_without_code_is_named(tmp_path: Path, files: list[Path]) -> None:
    (tmp_path / "empty.py").write_text("x\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"empty\.py"):
        run(BaseModel("model", "/model.gguf"), Settings(), [tmp_path / "empty.py", files[0]])
