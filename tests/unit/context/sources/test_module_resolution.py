"""Which files an import leads to, in each language that has rules of its own."""

from pathlib import Path

import pytest

from interfix.context.sources.module_resolution import resolve_import
from interfix.syntax.imports import parse_imports
from tests.unit.context.workspace_builder import build_query, build_workspace

CASES = {
    "python, absolute, below src": (
        "src/shop/cart.py",
        "from shop.items import Item\nimport os\n",
        ["src/shop/items.py"],
        ["src/shop/items.py", "src/shop/__init__.py", "os/other.py"],
    ),
    "python, relative": ("shop/cart.py", "from .items import Item\n", ["shop/items.py"], ["shop/items.py"]),
    "python, a module of this package": ("shop/cart.py", "from . import items\n", ["shop/items.py"], ["shop/items.py"]),
    "python, two dots": ("shop/a/cart.py", "from ..items import Item\n", ["shop/items.py"], ["shop/items.py"]),
    "python, a package": ("main.py", "from shop import Item\n", ["shop/__init__.py"], ["shop/__init__.py"]),
    "javascript, relative": (
        "lib/a.js",
        "import { b } from './b.js'\nconst c = require('../c')\n",
        ["lib/b.js", "c/index.js"],
        ["lib/b.js", "c/index.js"],
    ),
    "typescript, js that is ts": ("src/a.ts", "import { b } from './b.js'\n", ["src/b.ts"], ["src/b.ts"]),
    "typescript, alias": ("src/x/a.ts", "import { b } from '@/b'\n", ["src/b.ts"], ["src/b.ts"]),
    "go": (
        "cmd/main.go",
        'package main\n\nimport (\n\t"fmt"\n\t"example.com/shop/items"\n)\n',
        ["items/a.go"],
        ["items/a.go", "items/a_test.go", "fmt/x.go"],
    ),
    "rust, crate": ("src/cart.rs", "use crate::items::Item;\n", ["src/items.rs"], ["src/items.rs", "Cargo.toml"]),
    "rust, super": ("src/cart/sum.rs", "use super::tax::rate;\n", ["src/cart/tax.rs"], ["src/cart/tax.rs", "Cargo.toml"]),
    "rust, mod": ("src/lib.rs", "mod items;\n", ["src/items.rs"], ["src/items.rs", "Cargo.toml"]),
    "java": (
        "app/src/main/java/com/shop/Cart.java",
        "package com.shop;\n\nimport com.shop.items.Item;\nimport java.util.List;\n",
        ["app/src/main/java/com/shop/items/Item.java"],
        ["app/src/main/java/com/shop/items/Item.java"],
    ),
    "c, quoted": ("src/a.c", '#include "a.h"\n#include <stdio.h>\n', ["src/a.h"], ["src/a.h"]),
    "c++, angled": ("src/a.cc", "#include <shop/item.h>\n", ["include/shop/item.h"], ["include/shop/item.h"]),
    "ruby": ("lib/shop/cart.rb", "require 'shop/item'\n", ["lib/shop/item.rb"], ["lib/shop/item.rb"]),
}


@pytest.mark.parametrize("name", CASES)
def test_an_import_leads_to_its_files(tmp_path: Path, name: str) -> None:
    path, text, expected, files = CASES[name]
    contents = dict.fromkeys(files, "x\n") | {"go.mod": "module example.com/shop\n"}
    if "Cargo.toml" in files:
        contents["Cargo.toml"] = '[package]\nname = "shop"\n'
    space = build_workspace(tmp_path, contents)
    here = build_query(space, path, text + "‸")
    found = [file for each in parse_imports(here.snapshot) for file in resolve_import(each, here.snapshot, path, space)]
    assert list(dict.fromkeys(found)) == expected


def test_nothing_leads_out_of_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("x = 1\n")
    space = build_workspace(tmp_path / "ws", {"a/b.py": "x\n"})
    for path, text in (("a.py", "from ..secret import x\n"), ("a.js", "import x from '../secret.py'\n")):
        here = build_query(space, path, text + "‸")
        assert [file for each in parse_imports(here.snapshot) for file in resolve_import(each, here.snapshot, path, space)] == []
