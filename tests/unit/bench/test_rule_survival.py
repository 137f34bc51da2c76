"""What `rule_survival` draws from real files, and that it tells a rule that cuts code."""

import asyncio
import hashlib
import json
import random
from pathlib import Path

import pytest

from interfix.completion import stops
from interfix.completion.hole import InfillHole
from interfix.errors import UnavailableError
from interfix.syntax.grammar_check import load_example
from interfix.syntax.languages import load_languages
from tests.bench import package_corpus, rule_survival
from tests.bench.package_corpus import PinnedPackage, load_packages, source_files, unpack_packages
from tests.bench.survival_cases import KINDS, Case, generate_cases, split_tokens

PYTHON = load_languages().find_by_folder("python")


def draw_cases(seed: int) -> list[Case]:
    assert PYTHON is not None
    snapshot = load_example(PYTHON)
    assert snapshot is not None
    return list(generate_cases(Path(snapshot.path), "python", random.Random(seed)))


@pytest.mark.parametrize("seed", range(20))
def test_a_case_is_a_piece_of_its_file(seed: int) -> None:
    for case in draw_cases(seed):
        assert case.prefix + case.middle + case.rest == case.path.read_text()
        assert case.suffix in ("", case.rest)
        assert case.middle.strip()
        assert "".join(split_tokens(case.middle)) == case.middle
        assert "".join(case.output()).startswith(case.middle)


def test_every_kind_of_hole_is_drawn_and_a_seed_draws_the_same() -> None:
    assert {case.kind for seed in range(20) for case in draw_cases(seed)} == set(KINDS)
    assert draw_cases(3) == draw_cases(3)


def test_a_rule_that_cuts_code_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def cut_everything(hole: InfillHole, text: str) -> int | None:  # noqa: ARG001 (every rule is asked alike)
        return 0 if text.strip() else None

    case = next(case for case in draw_cases(1) if case.kind == "line")
    assert (found := asyncio.run(rule_survival.judge_case(case)))
    assert found.loss is None
    monkeypatch.setattr(stops, "ALL_RULES", (cut_everything, *stops.ALL_RULES))
    assert (found := asyncio.run(rule_survival.judge_case(case)))
    assert found.loss
    assert (found.loss.rule, found.loss.shown) == ("cut_everything", "")


def test_the_bench_reports_what_it_fed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(3):
        (tmp_path / f"part{number}.py").write_text(f"def area{number}(width, height):\n    return width * height\n" * 8)
    (tmp_path / "README.md").write_text("# Areas\n\nThe areas of rectangles.\n" * 20)
    report = rule_survival.run(tmp_path, files=2, seed=1, only=["python"], losses=tmp_path / "losses.jsonl")
    assert (report.files, set(report.languages)) == (2, {"python"})
    assert json.loads(capsys.readouterr().out)["cases"] == report.cases


def test_files_are_drawn_in_turn_from_each_folder_and_only_readable_ones(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder, count in ((one, 9), (other, 2)):
        folder.mkdir()
        for number in range(count):
            (folder / f"{number}.py").write_text("x = 1\n" * 100)
    (one / "short.py").write_text("x = 1\n")
    (one / "latin.py").write_bytes(b"# \xe9\n" * 200)
    (one / "minified.py").write_text("x" * 2000)
    found = source_files([one, other], 4, seed=1)["python"]
    assert sorted(path.parent.name for path in found) == ["one", "one", "other", "other"]
    assert {path.name for path in source_files([one], 99, seed=1)["python"]} == {f"{number}.py" for number in range(9)}


def test_an_archive_with_another_hash_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "archive").write_bytes(b"something else")
    copied = ["cp", str(tmp_path / "archive"), "."]
    monkeypatch.setattr(package_corpus.PinnedPackage, "command", property(lambda _: copied))
    cache = tmp_path / "cache"
    cache.mkdir()
    wrong = PinnedPackage("npm", "@some/thing", "1.0.0", hashlib.sha256(b"the thing").hexdigest())
    with pytest.raises(UnavailableError, match="None of the packages"):
        unpack_packages([wrong], cache)
    assert list(cache.iterdir()) == []


def test_packages_are_pinned() -> None:
    found = load_packages()
    assert len({(package.client, package.name) for package in found}) == len(found) > 40
    assert all(len(package.sha256) == 64 and package.version for package in found)
