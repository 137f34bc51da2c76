"""Hosts and clients of the same code find each other; those of other code do not."""

import shutil
from pathlib import Path

import pytest

from interfix.engine import host_code_hash
from interfix.engine.host_code_hash import identify_host


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    copy = tmp_path / "interfix"
    shutil.copytree(Path(host_code_hash.__file__).parents[1], copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(host_code_hash, "_PACKAGE", copy)
    return copy


def test_a_copy_elsewhere_is_the_same(package: Path) -> None:
    assert package.is_dir()
    assert identify_host.__wrapped__() == identify_host()


@pytest.mark.parametrize("file", ["inference_types.py", "engine/kv_slot.py", "prompt/families/qwen.py", "models/catalog.toml"])
def test_other_code_is_another_host(package: Path, file: str) -> None:
    (package / file).write_text((package / file).read_text("utf-8") + "\n", "utf-8")
    assert identify_host.__wrapped__() != identify_host()


def test_what_no_host_runs_does_not_matter(package: Path) -> None:
    (package / "cli" / "demo.py").write_text("", "utf-8")
    assert identify_host.__wrapped__() == identify_host()
