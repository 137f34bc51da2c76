"""The stop rules as a stream feeds them: by the token, not all at once."""

import itertools

import pytest

from interfix.completion.decision_explanation import EXPLAINED_RULES
from interfix.completion.hole import InfillHole
from interfix.completion.multiline_choice import SuggestionShape
from interfix.completion.stops import (
    ALL_RULES,
    DEGENERATION_NAMES,
    EXPLICIT_TIME_FACTOR,
    TIME_LIMIT,
    StreamStopper,
    get_rule_name,
)
from interfix.syntax.document import Document


def make_hole(
    text: str, name: str = "a.py", shape: SuggestionShape = SuggestionShape.AUTO, *, requested: bool = True
) -> InfillHole:
    prefix, suffix = text.split("‸")
    snapshot = Document(f"file:///project/{name}", prefix + suffix).snapshot()
    return InfillHole.from_cursor(snapshot, len(prefix.encode()), shape, explicit=requested)


def feed_stopper(stopper: StreamStopper, output: str) -> int:
    """Feed characters until it stops; how many it took."""
    for count, character in enumerate(output, start=1):
        if stopper.feed(character):
            return count
    stopper.finish(cut_short=False)
    return len(output)


RULE_CASES = [
    ("x = ‸\n", "a.py", "1\ny = 2\n", "1", "line_end"),
    ("def f():\n    ‸\n", "a.py", "return 1\n\n\nprint()", "return 1", "blank_lines"),
    ("def f():\n    ‸\n", "a.py", "return 1\nx = 1\n", "return 1\n", "block_end"),
    ("int f() {\n  ‸\n}\n", "a.c", "return 1;\n}\n", "return 1;\n", "block_end"),
    ("int f() {\n  ‸\n", "a.c", "return 1;\n}\nint g", "return 1;\n}", "block_end"),
    ("total = ‸\n", "a.py", "first + second  # add the two\n", "first + second  ", "trailing_comment"),
    ("def f():\n    ‸\n", "a.py", "x = 1\n    #include <stdio.h>\n", "x = 1\n", "wrong_language"),
    ("def f():\n    ‸\n", "a.py", "return 1\n    ```\n", "return 1\n", "fence"),
    ("x = ‸\n", "a.py", "1<|fim_prefix|>", "1", "file_marker"),
]
STEPS = "".join(f"    {step}_all(size)\n" for step in ("log", "count", "save", "check", "print", "close", "send", "drop"))
BLOCK_RULE_CASES = [
    ("def f():\n    ‸\n    return total\n", "a.py", "total = 1\n    return total\n", "total = 1\n", "suffix"),
    ("def f():\n    ‸\n", "a.py", "a = 1\n" + "    b = compute(a)\n" * 9, "a = 1\n    b = compute(a)", "loop"),
    (f"def f():\n{STEPS}    ‸", "a.py", f"size = 1\n{STEPS}    ", "size = 1\n", "prompt_echo"),
    ("def f():\n    ‸\n", "a.py", "x = 1\n    This function returns the value of x.\n", "x = 1\n", "prose"),
]
NOTEBOOK_RULES = {"cell_end"}
"""Tested where there are cells (`tests/unit/lsp/test_notebook_sync.py`)."""


@pytest.mark.parametrize(
    ("text", "name", "output", "kept", "rule", "shape"),
    [
        *((*case, SuggestionShape.AUTO) for case in RULE_CASES),
        *((*case, SuggestionShape.BLOCK) for case in BLOCK_RULE_CASES),
    ],
)
def test_each_rule_is_named(text: str, name: str, output: str, kept: str, rule: str, shape: SuggestionShape) -> None:
    stopper = StreamStopper(make_hole(text, name, shape))
    feed_stopper(stopper, output)
    assert (stopper.text, stopper.stop_rule) == (kept, rule)


def test_each_rule_has_a_case_and_those_that_hide_a_text_say_so_in_words() -> None:
    tried = {rule for *_, rule in (*RULE_CASES, *BLOCK_RULE_CASES)}
    assert tried | NOTEBOOK_RULES == {get_rule_name(rule) for rule in ALL_RULES}
    assert DEGENERATION_NAMES.issubset(EXPLAINED_RULES)


@pytest.mark.parametrize(
    ("name", "code", "comment", "kept"),
    [
        ("a.py", "load(name)", "  # noqa: S301", True),
        ("a.py", "load(name)", "  # type: ignore[arg-type]", True),
        ("a.js", "eval(name);", " // eslint-disable-line no-eval", True),
        ("a.go", "f(name)", " //nolint:errcheck", True),
        ("a.rb", "f(name)", " # rubocop:disable Style/Send", True),
        ("a.py", "load(name)", "  # load the name", False),
        ("a.js", "f(name);", " // Now it is called", False),
        ("a.py", "load(name)", "  # note that it may fail", False),
    ],
)
def test_what_speaks_to_a_linter_is_no_remark(name: str, code: str, comment: str, kept: bool) -> None:
    stopper = StreamStopper(make_hole("‸\n", name, SuggestionShape.LINE))
    feed_stopper(stopper, f"{code}{comment}\n{code}\n")
    assert stopper.text.rstrip() == code + (comment if kept else "")


@pytest.mark.parametrize(
    ("output", "reaches"), [("point.x,\n  point.y,\n  0);\n", False), ("point.x,\n  point.x,\n  point.z);\n", True)]
)
def test_a_line_that_the_file_repeats_needs_the_next_one_to_be_the_suffix(output: str, reaches: bool) -> None:
    text = "f(\n  point.x,\n  point.x,\n  0);\ng(\n  ‸\n  point.x,\n  point.z);\n"
    stopper = StreamStopper(make_hole(text, "a.c", SuggestionShape.BLOCK))
    feed_stopper(stopper, output)
    assert (stopper.stop_rule == "suffix") is reaches


def test_a_dedent_is_seen_with_its_first_character() -> None:
    stopper = StreamStopper(make_hole("def f():\n    ‸\n"))
    assert feed_stopper(stopper, "return 1\nclass Next:\n") == len("return 1\nc")


def test_a_line_ending_of_two_characters_may_come_in_two_tokens() -> None:
    stopper = StreamStopper(make_hole("def f():\n    ‸\n"))
    for token in ("x = 1\r", "\n    return x\r", "\n"):
        assert not stopper.feed(token)
    assert stopper.text == "x = 1\n    return x\n"


def test_the_end_of_the_model_ends_the_last_line_too() -> None:
    stopper = StreamStopper(make_hole("def f():\n    ‸\n    return total\n", shape=SuggestionShape.BLOCK))
    feed_stopper(stopper, "total = 1\n    return total")
    assert (stopper.text, stopper.stop_rule) == ("total = 1\n", "suffix")


def test_the_time_limit_waits_for_the_end_of_the_line() -> None:
    stopper = StreamStopper(make_hole("def f():\n    ‸\n", requested=False), 3, clock=itertools.count().__next__)
    assert feed_stopper(stopper, "first = 1\n    second = 2\n    third = 3\n") == len("first = 1\n    second = 2\n")
    assert (stopper.text, stopper.stop_rule) == ("first = 1\n    second = 2", TIME_LIMIT)


def test_who_asked_waits_longer_and_not_while_the_prompt_is_read() -> None:
    now = [0.0]
    stopper = StreamStopper(make_hole("def f():\n    ‸\n"), 2, clock=lambda: now[0])
    now[0] = 90.0
    assert not stopper.feed("first = 1\n    ")
    now[0] += 2 * EXPLICIT_TIME_FACTOR
    assert stopper.feed("second = 2\n")
    assert stopper.stop_rule == TIME_LIMIT


def test_without_a_time_limit_it_reads_on() -> None:
    stopper = StreamStopper(make_hole("def f():\n    ‸\n"), 0, clock=lambda: 0.0)
    feed_stopper(stopper, "first = 1\n    second = 2\n")
    assert stopper.stop_rule != TIME_LIMIT


@pytest.mark.parametrize(
    ("logprob", "kept"), [(-0.1, "if a:\n        x = 1\n    y = 2\n    z = 3\n"), (-0.9, "if a:\n        x = 1")]
)
def test_a_doubtful_block_that_nobody_asked_for_ends_with_its_first_statement(logprob: float, kept: str) -> None:
    stopper = StreamStopper(make_hole("def f():\n    ‸\n", requested=False))
    for character in "if a:\n        x = 1\n    y = 2\n    z = 3\n":
        if stopper.feed(character, logprob):
            break
    assert stopper.text == kept


def test_who_asked_for_a_block_gets_it_however_doubtful() -> None:
    text = "if a:\n        x = 1\n    y = 2\n"
    stopper = StreamStopper(make_hole("def f():\n    ‸\n"))
    assert not any(stopper.feed(character, -0.9) for character in text)
    assert stopper.text == text


@pytest.mark.parametrize("following", ["else:\n        x = 2\n", "elif b:\n        x = 2\n"])
def test_what_goes_on_with_a_statement_is_part_of_it(following: str) -> None:
    stopper = StreamStopper(make_hole("def f():\n    ‸\n", requested=False))
    text = f"if a:\n        x = 1\n    {following}    y = 3\n"
    for character in text:
        if stopper.feed(character, -0.9):
            break
    assert stopper.text == f"if a:\n        x = 1\n    {following}".rstrip("\n")


@pytest.mark.parametrize(("sure", "kept"), [(True, "if a:\n        x = 1"), (False, "if a:")])
def test_a_line_brings_its_block_along_only_where_the_model_is_sure(sure: bool, kept: str) -> None:
    stopper = StreamStopper(make_hole("def f(a):\n    b = a\n    ‸\n    return a\n"), is_confident=lambda: sure)
    for character in "if a:\n        x = 1\n    return a\n":
        if stopper.feed(character):
            break
    assert stopper.text.rstrip() == kept


PROMPT = "".join(f"value_{i} = compute_{i}(value)\n" for i in range(12))


def test_the_prompt_said_again_is_cut_where_it_begins() -> None:
    stopper = StreamStopper(make_hole(f"{PROMPT}def f():\n    ‸\n", shape=SuggestionShape.BLOCK))
    feed_stopper(stopper, "pass\n" + PROMPT)
    assert stopper.text.strip() == "pass"


def test_the_prompt_said_again_in_a_file_of_text() -> None:
    prompt = "".join(f"Line number {i} of the story.\n" for i in range(12))
    stopper = StreamStopper(make_hole(f"{prompt}‸\n", "a.txt", shape=SuggestionShape.BLOCK))
    feed_stopper(stopper, "The end comes soon.\n" + prompt)
    assert (stopper.text, stopper.stop_rule) == ("The end comes soon.\n", "prompt_echo")


def test_a_list_that_changes_one_word_for_ever_ends() -> None:
    stopper = StreamStopper(make_hole("x = 1\n‸\n", shape=SuggestionShape.BLOCK))
    rounds = [f"# The same in {language}:\ndef main():\n    print('hello')\n\n" for language in "ABCDEFGH"]
    feed_stopper(stopper, "".join(rounds))
    assert (stopper.text.rstrip(), stopper.stop_rule) == ("".join(rounds[:4]).rstrip(), "loop")


def test_checks_after_each_call_are_no_list_without_end() -> None:
    stopper = StreamStopper(make_hole("package a\n\nfunc f() error {\n\t‸\n}\n", "a.go"))
    text = "".join(f"if err := step{i}(); err != nil {{\n\t\treturn err\n\t}}\n\t" for i in range(4)) + "return nil\n"
    feed_stopper(stopper, text)
    assert stopper.text == text


def test_a_pattern_of_the_file_may_be_written_again() -> None:
    stopper = StreamStopper(
        make_hole("def f(a):\n    if a is None:\n        return None\n    b = a.copy()\n    return b\n\n\ndef g(a):\n    ‸\n")
    )
    feed_stopper(stopper, "if a is None:\n        return None\n    b = a.copy()\n    return b\n")
    assert stopper.text.rstrip().endswith("return b")


@pytest.mark.parametrize(
    ("name", "text", "output", "kept"),
    [
        ("a.py", "def f():\n    ‸\n", "x = 1\n    public static void main(String[] args) {\n", "x = 1\n"),
        ("a.py", "def f():\n    ‸\n", "x = 1\n    #include <stdio.h>\n", "x = 1\n"),
        ("a.js", "function f () {\n  ‸\n}\n", "let x = 1\n  def main():\n", "let x = 1\n"),
        ("a.go", "package a\n\nfunc f() {\n\t‸\n}\n", "x := 1\n\tconst y = require('fs')\n", "x := 1\n"),
        ("a.rs", "fn f() {\n    ‸\n}\n", "let x = 1;\n    System.out.println(x);\n", "let x = 1;\n"),
        ("a.ts", "function f () {\n  ‸\n}\n", "let x = 1\n  module.exports = f\n", "let x = 1\n  module.exports = f\n"),
        ("a.py", "S = 'use std::io;'\nuse std::io;\ndef f():\n    ‸\n", "x = 1\n    use std::io;\n", "x = 1\n    use std::io;\n"),
    ],
)
def test_another_language_ends_it(name: str, text: str, output: str, kept: str) -> None:
    stopper = StreamStopper(make_hole(text, name, SuggestionShape.BLOCK))
    feed_stopper(stopper, output)
    assert stopper.text == kept


def test_a_rule_that_fails_is_left_out(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(hole: InfillHole, text: str) -> int | None:
        raise ValueError(hole.line_prefix + text)

    stopper = StreamStopper(make_hole("x = ‸\n"))
    monkeypatch.setattr(stopper, "_rules", (broken, *stopper._rules))
    feed_stopper(stopper, "1\n2\n")
    assert stopper.text == "1"
    assert caplog.text.count("stop rule broken failed") == 1
