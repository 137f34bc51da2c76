"""A name that was changed where it is defined, in other files. About `next_edit/finders/rename_in_other_file.py`."""

from pathlib import Path

import pytest

from interfix.next_edit.certainty import load_certainty
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.edit_log import EditLog
from interfix.next_edit.gate import RefusedEdits
from interfix.next_edit.predictor import find_edit_elsewhere, find_next_edit
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding
from tests.unit.context.workspace_builder import build_visibility_finder

OLD, NEW = "print_mean", "show_mean"
PYTHON = "def print_mean(v):\n    return v\n"
SCRIPT = "export function print_mean(v) {\n  return v\n}\n"
MODULE = {"go.mod": "module example.com/shop\n"}
CASES = [
    pytest.param("means.py", PYTHON, files, id=name)
    for name, files in {
        "python, through the module": {"a.py": "import means\n\nmeans.print_mean(1)\nx.print_mean(2)\n"},
        "python, another name of the module": {"a.py": "import means as m, os\n\nm.print_mean(1)\nos.print_mean(2)\n"},
        "python, an import of several lines": {"a.py": "from means import (\n    other,\n    print_mean,\n)\n\nprint_mean(1)\n"},
        "python, an import in a function": {"a.py": "def f():\n    from means import print_mean\n\n    return print_mean(1)\n"},
        "python, a module that is found elsewhere": {"a.py": "from lib.means import other\nfrom means import print_mean\n"},
        "python, beside what is only called like it": {
            "a.py": "from means import print_mean\n\nf(print_mean=print_mean)\nf = [lambda print_mean: print_mean]\n\n\n"
            "class A:\n    def print_mean(self):\n        self.print_mean(print_mean(1))\n"
        },
        "python, all of the module": {"a.py": "from means import *\n\nprint_mean(1)\n"},
    }.items()
]
CASES += [
    pytest.param(
        "means/means.go",
        "package means\n\nfunc print_mean() {\n}\n",
        {
            **MODULE,
            "means/other.go": "package means\n\nfunc use() {\n\tprint_mean()\n\tx.print_mean()\n\ty := T{print_mean: 1}\n}\n",
            "main.go": 'package main\n\nimport "example.com/shop/means"\n\nvar a, b = means.print_mean(), x.print_mean()\n',
        },
        id="go, in its package and in another",
    ),
    pytest.param(
        "means.c",
        '#include "means.h"\n\nint print_mean(int v) {\n  return v;\n}\n',
        {"means.h": "int print_mean(int v);\n", "main.c": '#include "means.h"\n\nint main(void) {\n  return print_mean(1);\n}\n'},
        id="c, in the header and where that is included",
    ),
    pytest.param(
        "means.h",
        "int print_mean(int v);\n",
        {"means.c": '#include "means.h"\n\nint print_mean(int v) {\n  return v;\n}\n'},
        id="c, from the header to the body",
    ),
    pytest.param(
        "Means.java",
        "package p;\n\nclass Means {\n  static int print_mean(int v) {\n    return v;\n  }\n}\n",
        {"Main.java": "package p;\n\nclass Main {\n  int x = Means.print_mean(1);\n  int y = Other.print_mean(1);\n}\n"},
        id="java, through the class",
    ),
    pytest.param(
        "src/means.rs",
        "pub fn print_mean(v: i32) -> i32 {\n    v\n}\n",
        {"Cargo.toml": "", "src/main.rs": "mod means;\n\nfn main() {\n    means::print_mean(1);\n    other::print_mean(2);\n}\n"},
        id="rust, through the module",
    ),
]
KEPT = (
    "lambda print_mean: print_mean", "(print_mean=", "def print_mean(self", "self.print_mean",
    "x.print_mean", "os.print_mean", "Other.print_mean", "other::print_mean", "{print_mean:",
)  # fmt: skip
"""What is only called like it."""


@pytest.mark.parametrize(("path", "text", "files"), CASES)
def test_every_use_follows_and_nothing_else(tmp_path: Path, path: str, text: str, files: dict[str, str]) -> None:
    changed = go_through(tmp_path, path, text, files)
    assert changed == {name: rename(each) for name, each in files.items()}


@pytest.mark.parametrize(
    ("path", "text", "files"),
    [
        ("means.py", PYTHON, {"a.py": "import means\n\n\ndef print_mean():\n    pass\n\n\nprint_mean()\n"}),
        ("means.py", PYTHON, {"a.py": "import means\n\nmeans.inner.print_mean(1)\n"}),
        ("means.py", "class A:\n    def print_mean(self):\n        pass\n", {"a.py": "from means import *\n\nprint_mean(1)\n"}),
        ("b.go", "package shop\n\nfunc (t *T) print_mean() {\n}\n", {**MODULE, "a.go": "package shop\n\nvar f = print_mean\n"}),
        ("means.py", PYTHON, {"a.py": "def print_mean(means):\n    return sum(means)\n\n\nprint_mean([1])\n"}),
        ("means.py", PYTHON, {"a.py": "print_mean = 1  # of the means\nuse(print_mean)\n"}),
        ("means.py", PYTHON, {"a.py": "import means\n\nprint_mean = 1  # import of the means\n"}),
        ("a/means.py", PYTHON, {"b/means.py": PYTHON, "c.py": "from b.means import print_mean\n\nprint_mean(1)\n"}),
        ("a/means.py", PYTHON, {"b/means.py": PYTHON, "b/c.py": "from .means import print_mean\n\nprint_mean(1)\n"}),
        ("a/means.py", PYTHON, {"c.py": "from lib.means import print_mean\n\nprint_mean(1)\n"}),
        ("means.py", PYTHON, {"other.py": PYTHON, "c.py": "from other import means, print_mean\n\nprint_mean(1)\n"}),
        ("means.py", PYTHON, {"other.py": PYTHON, "c.py": "from other import print_mean  # not of means\n\nprint_mean(1)\n"}),
        ("means.py", "class A:\n    def print_mean(self):\n        pass\n", {"c.py": "from means import print_mean\n"}),
        ("a/means.ts", SCRIPT, {"b/means.ts": SCRIPT, "b/c.ts": "import { print_mean } from './means'\nprint_mean(1)\n"}),
        ("means.ts", SCRIPT, {"c.ts": "import { print_mean } from 'other-means'\nprint_mean(1)\n"}),
        ("means.ts", SCRIPT, {"c.ts": "export { other as print_mean } from './means'\n"}),
        ("b/b.go", "package b\n\nfunc print_mean() {\n}\n", {**MODULE, "a.go": "package shop\n\nvar f = print_mean\n"}),
        ("b.h", "int print_mean(int v) {\n  return v;\n}\n", {"a.cc": '#include "b.h"\nint print_mean(T v) { return 1; }\n'}),
        ("b.c", "int print_mean(int v) {\n  return v;\n}\n", {"a.c": "int f(void) {\n  return print_mean(1);\n}\n"}),
    ],
)  # fmt: skip
def test_what_may_be_another_stays(tmp_path: Path, path: str, text: str, files: dict[str, str]) -> None:
    assert go_through(tmp_path, path, text, files) == files


def rename(text: str) -> str:
    """The text with the name changed in all places but those in which it is another's."""
    for kept in KEPT:
        text = text.replace(kept, kept.replace(OLD, "\0"))
    return text.replace(OLD, NEW).replace("\0", OLD)


def go_through(root: Path, path: str, text: str, files: dict[str, str]) -> dict[str, str]:
    """The other files once the name was changed in the one at `path`, and every next edit was accepted."""
    see = build_visibility_finder(root, {**files, path: text})
    documents = {name: Document((root / name).as_uri(), each) for name, each in {**files, path: text}.items()}

    log, current, start, length, new = EditLog(), path, text.index(OLD), len(OLD), NEW
    for step in range(12):
        before = documents[current].snapshot()
        place = (before.to_position(start, PositionEncoding.UTF32), before.to_position(start + length, PositionEncoding.UTF32))
        applied = documents[current].apply([DocumentEdit(*place, new)], step + 2, PositionEncoding.UTF32)
        log.record(before, applied, suggested=step > 0)
        others = [each.snapshot() for name, each in documents.items() if name != current]
        context = EditContext(
            documents[current].snapshot(), start + len(new), log.list_edits(),
            find_others=lambda _name, others=others: others, find_visibility=see, opened=others,
        )  # fmt: skip
        threshold = load_certainty().threshold
        here = find_next_edit(context, threshold, RefusedEdits()) if current != path else None
        found = (context.snapshot, here) if here else find_edit_elsewhere(context, threshold, RefusedEdits())
        if found is None:
            break
        current = Path(found[0].path).relative_to(root).as_posix()
        replacement = found[1].replacement
        start, length, new = replacement.start, replacement.end - replacement.start, replacement.text.decode()
    return {name: documents[name].snapshot().text for name in files}
