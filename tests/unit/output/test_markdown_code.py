"""Code within sentences: backticks go only where Markdown is rendered."""

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from rich.table import Table

from interfix.commands.rules import RuleResult
from interfix.errors import UsageError
from interfix.lsp.converters import to_error_response
from interfix.output.console_output import Console, write_answer, write_message
from interfix.output.markdown_code import quote_code_spans, write_code_span
from interfix.output.notification_sanitizer import format_notification

CODE = st.text(st.sampled_from("ab`` \"'(x"), min_size=1, max_size=12).filter(str.strip)
SENTENCE = "The signature changed: {}."


@given(CODE)
def test_nothing_in_code_ends_its_span(code: str) -> None:
    html = MarkdownIt().renderInline(f"a {write_code_span(code)} b")
    assert len(re.findall("<code>", html)) == 1
    assert html.startswith("a <code>"), "and all of it is in the span"
    assert html.endswith("</code> b")
    text = re.sub("<[^>]*>", "", html).replace("&quot;", '"')
    assert text.strip().removeprefix("a").removesuffix("b").strip() == code.strip()


@given(CODE, CODE)
def test_code_stands_whole_in_quotation_marks(one: str, other: str) -> None:
    shown = quote_code_spans(f"was {write_code_span(one)}, is {write_code_span(other)}")
    left, right = shown.removeprefix("was ").split(", is ")
    for quoted, code in ((left, one), (right, other)):
        assert quoted[0] + quoted[-1] in ('""', "''", "“”")
        assert quoted[1:-1] == code


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("`interfix models pull` gets one.", '"interfix models pull" gets one.'),
        ('`def f(a="x")` changed', "'def f(a=\"x\")' changed"),
        ("it says ` once", "it says ` once"),
        ("```python\nx\n```", "```python\nx\n```"),
        ("no code", "no code"),
    ],
)
def test_only_spans_of_a_line_are_quoted(text: str, shown: str) -> None:
    assert quote_code_spans(text) == shown


def test_no_surface_without_markdown_shows_backticks(capsys: pytest.CaptureFixture[str]) -> None:
    note = SENTENCE.format(write_code_span("def area(width)"))
    write_message(note)
    write_message(RuleResult(fault=note).fault, error=True)
    table = Table()
    table.add_column("finding")
    table.add_row(note)
    console = Console()
    console.file = io.StringIO()
    console.print(note)
    console.print(table)
    written = capsys.readouterr()
    error = to_error_response(UsageError(note)).message
    for shown in (written.out, written.err, console.file.getvalue(), format_notification(note), error):
        assert '"def area(width)"' in shown
        assert "`" not in shown


def test_what_a_model_wrote_keeps_its_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    write_answer("Call `run()`.")
    assert capsys.readouterr().out == "Call `run()`.\n"
