"""Where a replay types: real lines of the user's own files, put back together they are the file again."""

import random
from pathlib import Path

import pytest

from interfix.bench.typing_sites import LINES_PER_SITE, MAX_CHARACTERS, MIN_CHARACTERS, choose_sites, find_sources
from interfix.errors import UsageError

CODE = "".join(f"def function_{i}(value):\n    result = value * {i} + len(str(value))\n    return result\n\n\n" for i in range(40))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("one.py", "sub/two.py", "sub/three.py", "node_modules/theirs.js", ".git/x.py", "notes.unknown"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(CODE, encoding="utf-8")
    return tmp_path


def test_only_ones_own_files_in_a_known_language(project: Path) -> None:
    assert [str(path.relative_to(project)) for path in find_sources(project)] == ["one.py", "sub/three.py", "sub/two.py"]
    assert find_sources(project / "one.py") == [project / "one.py"]
    with pytest.raises(UsageError, match="does not exist"):
        find_sources(project / "none")


def test_a_place_is_some_lines_of_its_file(project: Path) -> None:
    found = choose_sites(project, find_sources(project), 3, random.Random(2))
    assert len({place.path for place in found}) == 3
    for place in found:
        assert CODE.startswith(place.prefix + place.text)
        assert place.suffix in ("", CODE[len(place.prefix + place.text) :])
        assert sum(bool(line.strip()) for line in place.text.split("\n")) == LINES_PER_SITE
        assert MIN_CHARACTERS <= len(place.text) <= MAX_CHARACTERS
        assert place.text == place.text.strip()
        assert place.language == "python"
    assert [bool(place.suffix) for place in found] == [False, True, False]


def test_the_seed_decides(project: Path) -> None:
    files = find_sources(project)
    one, again, other = (choose_sites(project, files, 2, random.Random(seed)) for seed in (2, 2, 3))
    assert one == again != other


def test_files_without_enough_to_type_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "small.py").write_text("x = 1\n")
    (tmp_path / "broken.py").write_bytes(b"\xff\xfe" * 500)
    assert choose_sites(tmp_path, find_sources(tmp_path), 2, random.Random(1)) == []
