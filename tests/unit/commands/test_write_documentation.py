"""Documenting: what is said about the code is taken from an answer, the code is not."""

import pytest

from interfix.commands.command_request import CommandRequest
from interfix.commands.write_documentation import write_documentation
from tests.fake_engine import FakeEngine, make_instruct_client
from tests.unit.commands.marked_text import parse_marked

CASES = {
    "a docstring, whatever the model did to the code": (
        "python",
        "«def f(a):\n    return a»\n",
        'def f(a: int) -> int:\n    """Gives a back."""\n    return a * 2\n',
        'def f(a):\n    """Gives a back."""\n    return a\n',
    ),
    "each of a class": (
        "python",
        "«class A:\n    x = 1\n\n    def f(self):\n        return 1»\n",
        'class A:\n    """An A."""\n    x = 1\n\n    def f(self):\n        """One,\n\n        always."""\n        return 1\n',
        'class A:\n    """An A."""\n    x = 1\n\n    def f(self):\n        """One,\n\n        always."""\n        return 1\n',
    ),
    "an old one is replaced": (
        "python",
        'def f():\n    """Old."""\n    return ‸1\n',
        'def f():\n    """New."""\n    return 1\n',
        'def f():\n    """New."""\n    return 1\n',
    ),
    "a method": (
        "python",
        "class A:\n    def f(self):\n        ‸return 1\n",
        'def f(self):\n    """One."""\n    return 1\n',
        'class A:\n    def f(self):\n        """One."""\n        return 1\n',
    ),
    "above, as in Go": (
        "go",
        "package a\n\n«func F() int {\n\treturn 1\n}»\n",
        "// F is one.\nfunc F() int {\n\treturn 2\n}\n",
        "package a\n\n// F is one.\nfunc F() int {\n\treturn 1\n}\n",
    ),
    "above, an old one replaced": (
        "javascript",
        "/** Old. */\nfunction f() {\n  ‸return 1;\n}\n",
        "/**\n * New.\n */\nfunction f() {\n  return 1;\n}\n",
        "/**\n * New.\n */\nfunction f() {\n  return 1;\n}\n",
    ),
    "a method in Java": (
        "java",
        "class A {\n    int f() {\n        ‸return 1;\n    }\n}\n",
        "/**\n * One.\n */\nint f() {\n    return 1;\n}\n",
        "class A {\n    /**\n     * One.\n     */\n    int f() {\n        return 1;\n    }\n}\n",
    ),
    "comments alone": (
        "javascript",
        "/** Old. */\nfunction f() {\n  ‸return 1;\n}\n",
        "/**\n * New.\n */\n",
        "/**\n * New.\n */\nfunction f() {\n  return 1;\n}\n",
    ),
    "comments alone, of a method": (
        "java",
        "class A {\n    int f() {\n        ‸return 1;\n    }\n}\n",
        "/**\n * One.\n */\n",
        "class A {\n    /**\n     * One.\n     */\n    int f() {\n        return 1;\n    }\n}\n",
    ),
    "Rust, behind its attribute or before it": (
        "rust",
        "#[inline]\n«fn f() -> i32 {\n    1\n}»\n",
        "/// One.\nfn f() -> i32 {\n    1\n}\n",
        "#[inline]\n/// One.\nfn f() -> i32 {\n    1\n}\n",
    ),
    "lines that define nothing": (
        "python",
        "«x = 1»\n",
        "# One.\nx = 1\n",
        "# One.\nx = 1\n",
    ),
    "line endings are the file's": (
        "python",
        "«def f(a):\r\n    return a»\r\n",
        'def f(a):\n    """Gives\n    a back."""\n    return a\n',
        'def f(a):\r\n    """Gives\r\n    a back."""\r\n    return a\r\n',
    ),
}


@pytest.mark.parametrize(("language", "text", "answer", "expected"), CASES.values(), ids=CASES)
async def test_documentation_moves_over(language: str, text: str, answer: str, expected: str) -> None:
    edit = await write_documentation(
        make_instruct_client(FakeEngine(f"```{language}\n{answer}```")), CommandRequest(*parse_marked(text, language))
    )
    assert edit.result.decode() == expected
    assert "code unchanged" in edit.summary


async def test_the_convention_of_the_language_is_asked_for() -> None:
    engine = FakeEngine("```\n// F is one.\nfunc F() int {\n\treturn 1\n}\n```")
    await write_documentation(
        make_instruct_client(engine),
        CommandRequest(*parse_marked("package a\n\nfunc F() int {\n\treturn ‸1\n}\n", "go"), instruction="Be brief."),
    )
    assert "begins with its name" in engine.requests[0].messages[1].content
    assert "Be brief." in engine.requests[0].messages[1].content


async def test_what_is_documented_well_is_left_as_it_is() -> None:
    same = 'def f():\n    """One."""\n    return 1\n'
    edit = await write_documentation(
        make_instruct_client(FakeEngine(f"```\n{same}```")), CommandRequest(*parse_marked(same.replace("1\n", "‸1\n")))
    )
    assert (edit.hunks, edit.summary) == ((), "The model left the code as it was.")
