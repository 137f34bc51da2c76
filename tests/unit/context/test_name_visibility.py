"""How a file can use what another file defines, language by language."""

from pathlib import Path

import pytest

from interfix.context.name_visibility import NameVisibility, find_visibility
from tests.unit.context.workspace_builder import build_workspace

GO = {"go.mod": "module example.com/shop\n"}


@pytest.mark.parametrize(
    ("files", "origin", "path", "is_plain", "qualifiers"),
    [
        ({"means.py": "x = 1\n", "a.py": "import means\n"}, "means.py", "a.py", False, {"means"}),
        ({"means.py": "x = 1\n", "a.py": "import means as m, os\n"}, "means.py", "a.py", False, {"m"}),
        ({"pkg/means.py": "x = 1\n", "a.py": "import pkg.means\n"}, "pkg/means.py", "a.py", False, {"pkg.means", "means"}),
        ({"pkg/means.py": "x = 1\n", "a.py": "from pkg import means\n"}, "pkg/means.py", "a.py", False, {"means", "pkg"}),
        ({"means.py": "x = 1\n", "a.py": "from means import *\n"}, "means.py", "a.py", True, None),
        ({"means.ts": "", "a.ts": "import * as m from './means'\n"}, "means.ts", "a.ts", False, None),
        ({**GO, "means/means.go": "package means\n", "a.go": 'package shop\n\nimport "example.com/shop/means"\n'},
         "means/means.go", "a.go", False, {"means"}),
        ({**GO, "means/means.go": "package means\n", "a.go": 'package shop\n\nimport m "example.com/shop/means"\n'},
         "means/means.go", "a.go", False, {"m"}),
        ({**GO, "b.go": "package shop\n", "a.go": "package shop\n"}, "b.go", "a.go", True, set()),
        ({"means.h": "", "a.c": '#include "means.h"\n'}, "means.h", "a.c", True, None),
        ({"means.h": "", "means.c": '#include "means.h"\n'}, "means.c", "means.h", True, set()),
        ({"B.java": "package p;\n", "A.java": "package p;\n"}, "B.java", "A.java", True, set()),
    ],
)  # fmt: skip
def test_what_a_file_can_see(
    tmp_path: Path, files: dict[str, str], origin: str, path: str, is_plain: bool, qualifiers: set[str] | None
) -> None:
    visibility = find(tmp_path, files, origin, path)
    assert visibility is not None
    assert visibility.is_plain is is_plain
    assert qualifiers is None or visibility.qualifiers == qualifiers


def test_an_alias_of_a_namespace_is_known(tmp_path: Path) -> None:
    visibility = find(tmp_path, {"means.ts": "", "a.ts": "import * as stats from './means'\n"}, "means.ts", "a.ts")
    assert visibility is not None
    assert "stats" in visibility.qualifiers


@pytest.mark.parametrize(
    ("files", "origin", "path"),
    [
        ({"means.py": "", "a.py": "import other\n", "other.py": ""}, "means.py", "a.py"),
        ({**GO, "b/b.go": "package b\n", "a.go": "package shop\n"}, "b/b.go", "a.go"),
        ({**GO, "b.go": "package shop\n", "a_test.go": "package shop_test\n"}, "b.go", "a_test.go"),
        ({"a.c": "", "b.c": ""}, "b.c", "a.c"),
        ({"means.py": "", "a.ts": "import * as m from './means'\n"}, "means.py", "a.ts"),
    ],
)
def test_what_a_file_does_not_see(tmp_path: Path, files: dict[str, str], origin: str, path: str) -> None:
    assert find(tmp_path, files, origin, path) is None


def find(root: Path, files: dict[str, str], origin: str, path: str) -> NameVisibility | None:
    workspace = build_workspace(root, files)
    snapshot, other = workspace.read(path), workspace.read(origin)
    assert snapshot is not None
    assert other is not None
    return find_visibility(snapshot, path, other, origin, workspace)
