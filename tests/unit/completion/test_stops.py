"""The stop rules as a stream feeds them: by the token, not all at once."""

import pytest

from interfix.completion.hole import Hole
from interfix.completion.shape import Shape
from interfix.completion.stops import Stopper
from interfix.syntax.document import Document


def hole(text: str, name: str = "a.py", shape: Shape = Shape.AUTO, *, requested: bool = True) -> Hole:
    prefix, suffix = text.split("‸")
    snapshot = Document(f"file:///project/{name}", prefix + suffix).snapshot()
    return Hole.at(snapshot, len(prefix.encode()), shape, requested=requested)


def read(stopper: Stopper, output: str) -> int:
    """Feed characters until it stops; how many it took."""
    for count, character in enumerate(output, start=1):
        if stopper.feed(character):
            return count
    stopper.finish(cut_short=False)
    return len(output)


@pytest.mark.parametrize(
    ("text", "name", "output", "kept", "rule"),
    [
        ("x = ‸\n", "a.py", "1\ny = 2\n", "1", "end_of_line"),
        ("def f():\n    ‸\n", "a.py", "return 1\n\n\nprint()", "return 1", "blank_lines"),
        ("def f():\n    ‸\n", "a.py", "return 1\nx = 1\n", "return 1\n", "end_of_block"),
        ("int f() {\n  ‸\n}\n", "a.c", "return 1;\n}\n", "return 1;\n", "end_of_block"),
        ("int f() {\n  ‸\n", "a.c", "return 1;\n}\nint g", "return 1;\n}", "end_of_block"),
        ("def f():\n    ‸\n", "a.py", "return 1\n    ```\n", "return 1\n", "fence"),
        ("x = ‸\n", "a.py", "1<|fim_prefix|>", "1", "file_marker"),
    ],
)
def test_each_rule_is_named(text: str, name: str, output: str, kept: str, rule: str) -> None:
    stopper = Stopper(hole(text, name))
    read(stopper, output)
    assert (stopper.text, stopper.rule) == (kept, rule)


def test_a_dedent_is_seen_with_its_first_character() -> None:
    stopper = Stopper(hole("def f():\n    ‸\n"))
    assert read(stopper, "return 1\nclass Next:\n") == len("return 1\nc")


def test_a_line_ending_of_two_characters_may_come_in_two_tokens() -> None:
    stopper = Stopper(hole("def f():\n    ‸\n"))
    for token in ("x = 1\r", "\n    return x\r", "\n"):
        assert not stopper.feed(token)
    assert stopper.text == "x = 1\n    return x\n"


def test_the_end_of_the_model_ends_the_last_line_too() -> None:
    stopper = Stopper(hole("def f():\n    ‸\n    return total\n", shape=Shape.BLOCK))
    read(stopper, "total = 1\n    return total")
    assert (stopper.text, stopper.rule) == ("total = 1\n", "suffix_met")


def test_a_rule_that_fails_is_left_out(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(hole: Hole, text: str) -> int | None:
        raise ValueError(hole.left + text)

    stopper = Stopper(hole("x = ‸\n"))
    monkeypatch.setattr(stopper, "_rules", (broken, *stopper._rules))
    read(stopper, "1\n2\n")
    assert stopper.text == "1"
    assert caplog.text.count("stop rule broken failed") == 1
