"""What a name is at its place, in several languages: code, string or comment; declared there or used."""

import re

import pytest

from interfix.syntax.document import Document
from interfix.syntax.name_place import TextKind, find_name_place

CASES = [
    ("a.py", "def ‸name(x):\n    pass\n", TextKind.CODE, True, False),
    ("a.py", "def f(‸name):\n    pass\n", TextKind.CODE, True, True),
    ("a.py", "def f(x):\n    ‸name = x\n", TextKind.CODE, True, True),
    ("a.py", "def f(x):\n    print(‸name)\n", TextKind.CODE, False, True),
    ("a.py", "from m import ‸name\n", TextKind.CODE, True, False),
    ("a.py", "x = 'a ‸name'\n", TextKind.STRING, False, False),
    ("a.py", "x = f'{‸name}'\n", TextKind.CODE, False, False),
    ("a.py", "# ‸name\n", TextKind.COMMENT, False, False),
    ("a.ts", "function ‸name(x: number) {}\n", TextKind.CODE, True, False),
    ("a.ts", "const f = (‸name: number) => 1\n", TextKind.CODE, True, True),
    ("a.ts", "const ‸name = 1\n", TextKind.CODE, True, False),
    ("a.ts", "console.log(‸name)\n", TextKind.CODE, False, False),
    ("a.ts", "const x = `${‸name}`\n", TextKind.CODE, False, False),
    ("a.go", "package p\n\nfunc ‸name() {}\n", TextKind.CODE, True, False),
    ("a.go", "package p\n\nfunc f() {\n\t‸name := 1\n}\n", TextKind.CODE, True, True),
    ("a.go", "package p\n\n// ‸name is\n", TextKind.COMMENT, False, False),
    ("a.rs", "fn ‸name() {}\n", TextKind.CODE, True, False),
    ("a.rs", "fn f() { let ‸name = 1; }\n", TextKind.CODE, True, True),
    ("A.java", "class A { void ‸name() {} }\n", TextKind.CODE, True, False),
    ("a.rb", "def ‸name\nend\n", TextKind.CODE, True, False),
    ("A.java", "class A { void f() { this.‸name(); } }\n", TextKind.CODE, False, True),
    ("a.rb", 'x = "a ‸name"\n', TextKind.STRING, False, False),
    ("a.c", "int ‸name = 1;\n", TextKind.CODE, True, False),
    ("a.c", "int *‸name(int x) {\n  return 0;\n}\n", TextKind.CODE, True, False),
    ("a.c", "int ‸name(int x);\n", TextKind.CODE, True, False),
    ("a.cpp", "namespace n {\nint ‸name(int x) { return x; }\n}\n", TextKind.CODE, True, False),
    ("a.cpp", "struct A {\n  int ‸name(int x) { return x; }\n};\n", TextKind.CODE, True, False),
    ("a.c", "int f(int ‸name) {\n  return name;\n}\n", TextKind.CODE, True, True),
    ("a.kt", "class A {\n    var ‸name: Int = 0\n}\n", TextKind.CODE, True, False),
    ("a.kt", "fun f() {\n    name = 1\n    ‸name = 2\n}\n", TextKind.CODE, False, True),
    ("a.go", "package p\n\nfunc f() {\n\t‸name = 1\n}\n", TextKind.CODE, False, True),
    ("a.php", "<?php\nfunction f() {\n    try { g(); } catch (E $‸name) {}\n}\n", TextKind.CODE, True, True),
    ("a.txt", "‸name\n", TextKind.CODE, False, False),
]


@pytest.mark.parametrize(("file", "text", "kind", "declares", "in_function"), CASES)
def test_a_name_is_what_the_tree_says(file: str, text: str, kind: TextKind, declares: bool, in_function: bool) -> None:
    before, _, after = text.partition("‸")
    place = find_name_place(Document(f"file:///project/{file}", before + after).snapshot(), len(before.encode()))
    assert (place.kind, place.declares, place.function is not None) == (kind, declares, in_function)


def test_what_a_function_of_c_takes_is_known_in_its_body() -> None:
    text = "int *f(int name) {\n  return &name;\n}\n"
    place = find_name_place(Document("file:///a.c", text).snapshot(), text.index("name"))
    assert place.scope == (0, len(text) - 1)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("a.py", "f = «lambda name: name + 1»\n"),
        ("a.kt", "«fun f(name: Int): Int {\n    return name\n}»\n"),
        ("a.rs", "fn g() {\n    let f = «|name: i32| name + 1»;\n}\n"),
        ("a.rb", "«def f(name)\n  name\nend»\n"),
        ("A.java", "class A {\n  «int f(int name) {\n    return name;\n  }»\n}\n"),
    ],
)
def test_a_parameter_is_known_in_the_whole_of_its_function(file: str, text: str) -> None:
    before, function, after = re.split("[«»]", text)
    place = find_name_place(Document(f"file:///{file}", before + function + after).snapshot(), text.index("name") - 1)
    assert place.is_parameter
    assert place.function == (len(before), len(before) + len(function))


@pytest.mark.parametrize(
    ("file", "text", "is_name"),
    [
        ("a.py", "f(‸name=1)\n", True),
        ("a.py", "f(key=‸name)\n", False),
        ("a.php", "<?php\nf(‸name: 1);\n", True),
        ("A.cs", "class A { void G() { f(‸name: 1); } }\n", True),
        ("A.cs", "class A { void G() { f(‸name); } }\n", False),
    ],
)
def test_an_arguments_name_is_told_from_its_value(file: str, text: str, is_name: bool) -> None:
    before, _, after = text.partition("‸")
    place = find_name_place(Document(f"file:///{file}", before + after).snapshot(), len(before))
    assert place.is_argument_name is is_name
