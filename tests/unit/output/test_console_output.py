"""What reaches a terminal, a notification or a log is shown and does nothing, whatever it is."""

import io
import json
import logging
import re
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.live import Live
from rich.markdown import Markdown
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from interfix.output.console_output import Console, write_code, write_json, write_message
from interfix.output.control_characters import escape_control_characters, escape_json, format_one_line
from interfix.output.log_format import LogFormatter
from interfix.output.markdown_sanitizer import code_block
from interfix.output.notification_sanitizer import MAX_NOTIFICATION_CHARACTERS, format_notification
from tests.effort import scale_examples

ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
TRICKS = [
    "\x1b[31mred", "\x1b]0;title\x07", "\x1b]8;;http://evil.example\x1b\\text\x1b]8;;\x1b\\", "\x1b]52;c;ZXZpbA==\x07",
    "\x1b[2J\x1b[H",
    "\x1bP$qm\x1b\\", "\x9b31m", "\x9d0;x\x9c", "a\rb", "a\x08b", "\x07", "\x0e", "\u202etxt.exe", "\u2066a\u2069", "\x00",
    "\udcff", "\x7f",
    "[id]", "[/]", "[bold]", "[/id]", "[link=http://evil.example]x[/link]", ":smile:", "[[", "\\[id]", "[red", "[]",
    "[@click=app.quit]x[/]",
    "app/[id]/page.tsx", "src/[...slug].ts", "[not a tag/]",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(TRICKS) | st.text(max_size=5), max_size=5).map("".join)
ANY = settings(max_examples=scale_examples(200), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


class FakeStream(io.TextIOWrapper):
    """A stream that is a terminal, or is not."""

    def __init__(self, *, terminal: bool, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(), encoding=encoding, newline="\n")
        self._terminal = terminal

    def isatty(self) -> bool:
        """As it was made."""
        return self._terminal

    @property
    def said(self) -> str:
        """All that was written."""
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)  # type: ignore[attr-defined]


def without_style(text: str) -> str:
    """What rich writes to a terminal without its own colours and cursor movements."""
    return re.sub(r"\x1b\[[\d;]*[mAK]|\x1b\[\?25[lh]|\r(?=\x1b|$)", "", text)


@ANY
@given(TEXTS)
@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "ascii"])
def test_whatever_is_printed_is_shown_and_does_nothing(
    monkeypatch: pytest.MonkeyPatch, terminal: bool, encoding: str, text: str
) -> None:
    stream = FakeStream(terminal=terminal, encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setenv("TERM", "xterm-256color")
    table = Table(title=text)
    table.add_column(text)
    table.add_row(text)
    console = Console()
    for each in (text, Text(text), table, Panel(text), Markdown(text, hyperlinks=False), Markdown(text)):
        console.print(each)
    console.print(text, style="dim")
    write_message(text)
    if terminal:
        write_code(text)
    with Live(console=console) as live:
        live.update(Text(text))
    assert ACTING.findall(without_style(stream.said)) == []


def test_what_looks_like_markup_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    for each in (trick for trick in TRICKS if trick.isprintable()):
        Console().print(each)
        table = Table(show_header=False, box=None, padding=0)
        table.add_row(each)
        Console().print(table)
        assert [line.rstrip() for line in capsys.readouterr().out.splitlines()] == [each, each]


def test_a_program_gets_code_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "a\x1b[0m\x0c\r\n\u202e[id]\n"
    for terminal in (False, True):
        stream = FakeStream(terminal=terminal)
        monkeypatch.setattr(sys, "stdout", stream)
        write_code(code)
        assert (stream.said == code) is not terminal


@ANY
@given(st.recursive(TEXTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner), max_leaves=8))
def test_json_is_of_the_same_value_and_does_nothing(monkeypatch: pytest.MonkeyPatch, value: object) -> None:
    stream = FakeStream(terminal=True)
    monkeypatch.setattr(sys, "stdout", stream)
    write_json(value)
    assert ACTING.findall(stream.said) == []
    told = json.loads(stream.said)
    if not re.search("[\ud800-\udfff]", repr(value).encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass")):
        assert told == value or "\\udcff" in stream.said


LINK = re.compile(r"\[[^\]]*\]\([^)\s]*")


@ANY
@given(
    st.lists(st.sampled_from([*TRICKS, "[x](command:y)", "[", "](", "]", "(", "command:y", ")", '"t")', "\n", "a"])).map("".join)
)
def test_a_notification_has_nothing_to_follow(text: str) -> None:
    shown = format_notification(text)
    assert LINK.search(shown) is None
    assert "](" not in shown
    assert ACTING.findall(shown) == []
    assert "\n" not in shown
    assert len(shown) <= MAX_NOTIFICATION_CHARACTERS


def test_a_notification_says_the_same() -> None:
    assert format_notification("[x](command:y) and list[int](a),\n  [b][c]") == "[x] (command:y) and list[int] (a), [b] [c]"


@ANY
@given(TEXTS)
def test_a_record_is_one_line_of_the_log(text: str) -> None:
    record = logging.LogRecord("interfix", logging.INFO, "", 0, "%s", (f"{text}\n2026-01-01 1 ERROR interfix: forged",), None)
    line = LogFormatter().format(record)
    assert "\n" not in line
    assert ACTING.findall(line) == []


def test_a_traceback_keeps_its_lines_apart_from_records() -> None:
    try:
        raise ValueError("a\n2026-01-01 1 ERROR interfix: forged\x1b[0m")
    except ValueError:
        record = logging.LogRecord("interfix", logging.INFO, "", 0, "in full", (), sys.exc_info())
    _, *more = LogFormatter().format(record).split("\n")
    assert more
    assert all(line.startswith("    ") for line in more)
    assert ACTING.findall("".join(more)) == []


@given(st.text("`~\n ab[](:)", max_size=40), st.text("`\n py", max_size=5))
def test_code_in_a_block_does_not_end_it(code: str, language: str) -> None:
    from markdown_it import MarkdownIt

    (block,) = MarkdownIt().parse(code_block(code, language))
    assert (block.type, block.content) == ("fence", f"{code}\n")


def test_visible_text_keeps_what_it_can() -> None:
    assert escape_control_characters("tab\tline\r\n\r\x1b\u202e\U000e0041é") == "tab\tline\n\\x0d\\x1b\\u202e\\U000e0041é"
    assert format_one_line(" a \n\t b\x07") == "a b\\x07"
    assert escape_json('"\x9b\u202e\U000e0041"') == '"\\u009b\\u202e\\udb40\\udc41"'
