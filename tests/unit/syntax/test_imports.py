"""What an import names, in each language's own way of writing it."""

import pytest

from interfix.syntax.document import Document
from interfix.syntax.imports import parse_imports

CASES = [
    ("python", "import os.path as p, sys", ["os.path", "sys"]),
    ("python", "from a.b import c, d as e", ["a.b: c d"]),
    ("python", "from ..a import (\n    b,\n)", ["2 a: b"]),
    ("python", "from . import b", ["1 : b"]),
    ("python", "def f():\n    from a import *", ["a: *"]),
    ("javascript", 'import A, { b as c, default as d } from "./x";', ["./x: A b default"]),
    ("javascript", 'import * as ns from "x";\nimport "y";', ["x", "y"]),
    ("javascript", 'export * from "x";\nexport { a } from "y";', ["x", "y: a"]),
    ("javascript", 'const { a, b: c } = require("./x"), d = require("y");', ["./x: a b", "y"]),
    ("javascript", 'const a = await import("./x");', ["./x"]),
    ("typescript", 'import type { A } from "./a";', ["./a: A"]),
    ("tsx", 'import { A } from "@/a";', ["@/a: A"]),
    ("go", 'import "fmt"\nimport (\n\tf "a/b"\n\t_ "c"\n)', ["fmt", "a/b", "c"]),
    ("rust", "use a::b::{self, c, d as e, f::g, h::*};", ["a::b: self c d", "a::b::f: g", "a::b::h: *"]),
    ("rust", "use ::a::{b::{c, d}};", ["::a::b: c d"]),
    ("rust", "use crate::x::Y;\nuse z as y;\nmod m;\nextern crate e;", ["crate::x: Y", "z", "1 m", "e"]),
    ("java", "import a.b.C;\nimport static a.B.f;\nimport a.b.*;", ["a.b: C", "a.B: f", "a.b: *"]),
    ("c", '#include <a/b.h>\n#include "../c.h"', ["a/b.h", "1 ../c.h"]),
    ("cpp", '#ifdef X\n#include "c.hpp"\n#endif', ["1 c.hpp"]),
    ("csharp", "using A.B;\nusing static A.C;\nusing X = A.D;", ["A.B", "A.C", "A.D"]),
    ("php", "<?php\nuse A\\B;\nuse A\\{C, D as E};\nrequire __DIR__ . '/x.php';", ["A: B", "A: C D", "1 /x.php"]),
    ("shellscript", 'source ./a.sh\n. "b.sh"', ["1 ./a.sh", "1 b.sh"]),
    ("lua", 'local a = require("x.y")\nrequire "z"', ["x.y", "z"]),
    ("css", '@import "a.css";\n@import url(b.css);', ["a.css", "b.css"]),
    ("html", '<script src="a.js"></script>\n<link href=b.css>', ["a.js", "b.css"]),
    ("kotlin", "import a.b.C as D\nimport a.b.*", ["a.b: C", "a.b: *"]),
    ("swift", "import A.B", ["A.B"]),
    ("scala", "import a.b.{C, D => E}\nimport a.b._\nimport a.B", ["a.b: C D", "a.b: *", "a: B"]),
    ("zig", 'const a = @import("a.zig").B;', ["a.zig"]),
    ("ruby", 'require "a/b"\nrequire_relative "c"\nautoload :D, "d"', ["a/b", "1 c", "d: D"]),
]


@pytest.mark.parametrize(("language", "text", "expected"), CASES)
def test_what_an_import_names(language: str, text: str, expected: list[str]) -> None:
    found = parse_imports(
        Document(f"file:///it.{language}", text, 0, {"tsx": "typescriptreact"}.get(language, language)).snapshot()
    )
    told = [
        f"{each.relative_level or ''} {each.module}: {' '.join(each.names)}".removesuffix(": ").removeprefix(" ") for each in found
    ]
    assert told == expected


def test_where_an_import_stands() -> None:
    text = "x = 1\nfrom a import b  # why\nimport c\n"
    found = parse_imports(Document("file:///a.py", text).snapshot())
    assert [text[each.start : each.end] for each in found] == ["from a import b", "import c"]


def test_without_a_tree_nothing_is_imported() -> None:
    assert parse_imports(Document("file:///a.txt", "import os\n").snapshot()) == ()
