"""Getting the code out of what a model says around it."""

import pytest

from interfix.commands.answer_code_extraction import extract_code, reindent

CODE = "def f():\n    return 1"


@pytest.mark.parametrize(
    "answer",
    [
        f"```python\n{CODE}\n```",
        f"Sure! Here it is:\n\n```python\n{CODE}\n```\n\nIt now returns 1.",
        f"```\n{CODE}\n```",
        f"~~~py\n{CODE}\n~~~",
        f"```python\n{CODE}\n",
        f"````python\n{CODE}\n````\n",
        CODE,
        f"\n{CODE}\n\n",
        "1. Change this:\n\n   ```python\n   def f():\n       return 1\n   ```\n",
        f"```python\r\n{CODE}\r\n```\r\n".replace("\n    ", "\r\n    "),
    ],
)
def test_code_comes_out_of_its_wrapping(answer: str) -> None:
    assert extract_code(answer, "def f(): pass") == CODE


def test_a_fence_inside_the_code_does_not_end_it() -> None:
    code = '"""\n```\nexample\n```\n"""'
    assert extract_code(f"````python\n{code}\n````", "") == code


def test_an_echo_of_the_question_is_not_the_answer() -> None:
    answer = "Before:\n```\nx = 1\n```\nAfter:\n```\nx = 2\n```\nUsage:\n```\nprint(x)\n```"
    assert extract_code(answer, "    x = 1") == "x = 2"


def test_an_answer_that_only_echoes_is_its_echo() -> None:
    assert extract_code("```\nx = 1\n```", "x = 1") == "x = 1"


def test_no_code_is_empty() -> None:
    assert extract_code(" \n", "x") == ""


def test_lost_indentation_is_given_back() -> None:
    asked = "        if a:\n            b()"
    assert reindent("if a:\n    b()\nelse:\n    c()", asked) == ("        if a:\n            b()\n        else:\n            c()")


def test_surplus_indentation_is_taken_away() -> None:
    assert reindent("    if a:\n        b()\n\n    c()", "if a:\n    b()") == "if a:\n    b()\n\nc()"


@pytest.mark.parametrize(
    ("code", "asked", "expected"),
    [
        ("if a:\n    b()\n", "\tif a:\n\t\tb()", "\tif a:\n\t\tb()\n"),
        ("\tif a:\n\t\tb()", "  if a:\n    b()", "  if a:\n    b()"),
        ("if a:\n    if b:\n        c()", "if a:\n  b()", "if a:\n  if b:\n    c()"),
    ],
)
def test_levels_are_counted_in_the_files_own_units(code: str, asked: str, expected: str) -> None:
    assert reindent(code, asked) == expected


def test_the_text_of_a_string_stays_where_it_is() -> None:
    asked = '    sql = """\nSELECT *\n"""\n    run(sql)'
    answer = 'query = """\nSELECT *\n"""\nrun(query)'
    assert reindent(answer, asked) == '    query = """\nSELECT *\n"""\n    run(query)'
