"""A replay against a small server over stdio that knows the file, or."""

import json
import os
import sys
from pathlib import Path

import pytest

from interfix.bench import headless_client, typing_replay, typing_session, typist
from interfix.bench.typing_replay import OMISSIONS, run
from interfix.bench.typist import count_keystrokes
from interfix.config.setting_keys import SETTING_KEYS
from interfix.errors import UnavailableError, UsageError
from interfix.models.model_selection import ModelSelection
from interfix.models.role_check import BaseModel

SERVER = Path(__file__).with_name("fake_oracle_server.py")
CODE = "".join(f"def function_{i}(value):\n    result = value * {i} + len(str(value))\n    return result\n\n\n" for i in range(8))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(headless_client, "SERVE_COMMAND", (sys.executable, str(SERVER)))
    monkeypatch.setattr(
        typing_replay, "select_models", lambda *_: ModelSelection(BaseModel("small", "/models/small.gguf"), None, "")
    )
    # A pause ends with the answer: a long one is no longer than it has to be, on any machine.
    for name, value in (("KEY_GAP_MS", 2), ("PAUSE_MS", 20_000), ("MAX_PAUSE_MS", 20_000)):
        monkeypatch.setattr(typist, name, value)
    monkeypatch.setattr(typing_session, "READ_MS", 0)
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "code.py").write_text(CODE, encoding="utf-8")
    monkeypatch.setenv("KNOWN", str(tmp_path / "known"))
    monkeypatch.setenv("ACCEPTED", str(tmp_path / "accepted"))
    (tmp_path / "known").write_text(CODE)
    return folder


def test_what_the_server_knows_is_taken(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = project.parent / "page.html"
    report = run(project, files=1, html=page)
    typed = report.typed
    assert report.share > 0.5
    assert report.precision == 1.0
    assert typed.keys < typed.characters
    assert typed.taken["whole"] >= 2
    assert typed.errors == 0
    assert 0 < report.ms.p50 <= report.ms.p95
    assert json.loads(capsys.readouterr().out)["share"] == report.share
    accepted = Path(os.environ["ACCEPTED"]).read_text().splitlines()
    assert len(accepted) == typed.taken["whole"]
    html = page.read_text(encoding="utf-8")
    assert "<mark" in html
    assert "function_" in html


def test_nothing_known_is_nothing_saved(project: Path) -> None:
    Path(os.environ["KNOWN"]).write_text("something else")
    report = run(project, files=1)
    assert (report.share, report.precision, report.typed.shown, report.typed.suggested) == (0.0, None, 0, 0)
    assert report.typed.keys >= report.typed.characters


def test_errors_are_counted_and_end_nothing(project: Path) -> None:
    Path(os.environ["KNOWN"]).unlink()
    report = run(project, files=1)
    assert report.typed.errors == report.typed.asked > 0
    assert report.share == 0.0


def test_a_server_that_does_not_start_is_told_in_a_sentence(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headless_client, "SERVE_COMMAND", (sys.executable, "-c", "raise SystemExit('no server today')"))
    with pytest.raises(UnavailableError, match="server has stopped"):
        run(project, files=1)


def test_the_users_files_stay_as_they_are_and_every_piece_adds_up(project: Path) -> None:
    report = run(project / "code.py", files=3, seed=4)
    assert (project / "code.py").read_text() == CODE
    assert report.files == 1
    assert 0 < report.typed.suggested <= report.typed.characters <= count_keystrokes(CODE)


def test_bad_usage(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UsageError, match="cannot be left out; type-through, ahead, context can"):
        run(project, without=["everything"])
    (project / "code.py").write_text("x\n")
    with pytest.raises(UsageError, match="no file with enough lines"):
        run(project)
    (project / "code.py").write_text(CODE)
    monkeypatch.setattr(typing_replay, "select_models", lambda *_: ModelSelection(None, None, ""))
    with pytest.raises(UnavailableError, match="interfix models pull"):
        run(project)


@pytest.mark.parametrize("name", OMISSIONS)
def test_what_can_be_left_out_is_a_setting(name: str) -> None:
    assert set(OMISSIONS[name]) <= set(SETTING_KEYS)
