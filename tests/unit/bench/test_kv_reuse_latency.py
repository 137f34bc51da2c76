"""The typing that the latency bench replays, and its figures over an engine that answers at once."""

import asyncio
import json
import random
import signal
from pathlib import Path

import pytest

from interfix.bench import kv_reuse_latency
from interfix.bench.kv_reuse_latency import BURST_CHARACTERS, StrokeKind, generate_keystrokes, run
from interfix.config.settings import Settings
from interfix.engine.line_latency import LineLatency
from interfix.engine.protocol import InfillRequest, KvReuse
from interfix.errors import UsageError
from interfix.inference_types import GenerationStart
from interfix.models.role_check import BaseModel
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
    monkeypatch.setattr(kv_reuse_latency, "create_local_engine", lambda: FakeEngine(respond=decode_a_tenth_where_spliced))
    monkeypatch.setattr(kv_reuse_latency, "KEY_INTERVAL_SECONDS", 0)
    report = run(BaseModel("model", "/model.gguf"), Settings(), files, site_count=1)
    assert report.splice.tokens_decoded * 10 == report.lcp.tokens_decoded
    assert report.splice.strokes == report.lcp.strokes == report.strokes > 4 * report.none.strokes > 0
    assert report.none.tokens_a_stroke == report.lcp.tokens_a_stroke
    assert report.agreement == 1.0
    printed = capsys.readouterr()
    assert "keystrokes, 4 ways each: about" in printed.err
    line = json.loads(printed.out.splitlines()[-1])
    assert set(line["splice"]) >= {"tokens_decoded", "ttft_ms", "total_ms"}
    assert set(line["lcp"]["ttft_ms"]) == {"p50", "p95"}


def test_few_minutes_are_fewer_keystrokes_of_every_kind(files: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kv_reuse_latency, "create_local_engine", lambda: FakeEngine(respond=decode_a_tenth_where_spliced))
    monkeypatch.setattr(kv_reuse_latency, "KEY_INTERVAL_SECONDS", 0)
    slow = LineLatency(line_ms=1000.0, prefill_tokens_per_second=100.0, generated_tokens_per_second=1000.0)
    monkeypatch.setattr(kv_reuse_latency, "measure_line_latency", lambda *_: asyncio.sleep(0, slow))
    full, short = (run(BaseModel("model", "/model.gguf"), Settings(), [*files, *files], minutes=minutes) for minutes in (None, 2.5))
    assert short.strokes < full.strokes / 3
    assert set(short.splice.actions) == {kind.value for kind in StrokeKind} - {StrokeKind.OPEN.value}
    assert short.lcp.strokes == short.splice.strokes


def test_the_ways_measured_before_the_end_are_shown(
    files: list[Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def end_with_the_first_way(request: InfillRequest) -> FakeAnswer:
        if request.reuse is KvReuse.PREFIX:
            signal.raise_signal(signal.SIGINT)
        return decode_a_tenth_where_spliced(request)

    monkeypatch.setattr(kv_reuse_latency, "create_local_engine", lambda: FakeEngine(respond=end_with_the_first_way))
    monkeypatch.setattr(kv_reuse_latency, "KEY_INTERVAL_SECONDS", 0)
    report = run(BaseModel("model", "/model.gguf"), Settings(), files)
    assert report.splice.strokes == report.strokes > 0
    assert report.none.strokes == 0
    assert "ended before" in capsys.readouterr().err


def test_one_file_is_not_enough(files: list[Path]) -> None:
    with pytest.raises(UsageError, match="two or more"):
        run(BaseModel("model", "/model.gguf"), Settings(), files[:1])


def test_a_file_without_code_is_named(tmp_path: Path, files: list[Path]) -> None:
    (tmp_path / "empty.py").write_text("x\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"empty\.py"):
        run(BaseModel("model", "/model.gguf"), Settings(), [tmp_path / "empty.py", files[0]])
