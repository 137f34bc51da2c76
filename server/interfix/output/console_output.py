"""The terminal, and whatever else reads standard output and error: the only place that writes there.

Names of files and models, code, and what a model or a server says reach a terminal with their escape sequences made visible. What a
program reads, code and JSON, is exact where a program reads it.
"""

import sys
from collections.abc import Iterable
from typing import Any, TextIO

import msgspec
from rich import console as rich_console
from rich.segment import Segment
from rich.text import Text

from interfix.output.control_characters import escape_control_characters, escape_json
from interfix.output.markdown_code import quote_code_spans


class Console(rich_console.Console):
    """Rich's console: strings are text and no markup, nothing in them acts, and nothing can be clicked on."""

    def __init__(self, *, stderr: bool = False, soft_wrap: bool = False) -> None:
        super().__init__(stderr=stderr, soft_wrap=soft_wrap, markup=False, emoji=False, highlight=False)

    def render_str(self, text: str, **options: Any) -> Text:
        """A string as rich's text; code in it stands in quotation marks."""
        return super().render_str(quote_code_spans(text), **options)

    def render(
        self, renderable: rich_console.RenderableType, options: rich_console.ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """The segments of a renderable, as rich makes them, but for what acts in their text."""
        for segment in super().render(renderable, options):
            if segment.control:
                yield segment
            else:
                style = segment.style.update_link(None) if segment.style and segment.style.link else segment.style
                yield Segment(_escape_unencodable(escape_control_characters(segment.text), self.encoding), style)


def write_message(text: str, *, error: bool = False, end: str = "\n") -> None:
    """Write a text for people, to standard error if `error`; code in it stands in quotation marks."""
    write_answer(quote_code_spans(text), error=error, end=end)


def write_answer(text: str, *, error: bool = False, end: str = "\n") -> None:
    """Write what a model has written for people, whose Markdown stays as it is."""
    _write(sys.stderr if error else sys.stdout, escape_control_characters(text) + end)


def write_code(text: str) -> None:
    """Write code to standard output: as it is for a file or a program, with what acts made visible for a terminal."""
    _write(sys.stdout, escape_control_characters(text) if sys.stdout.isatty() else text)


def write_json(value: Any) -> None:
    """Write a value as one line of JSON to standard output."""
    try:
        data = msgspec.json.encode(value)
    except UnicodeEncodeError:  # a file's name that is no text
        data = msgspec.json.encode(_replace_surrogates(msgspec.to_builtins(value)))
    _write(sys.stdout, escape_json(data.decode()) + "\n")


def _write(stream: TextIO, text: str) -> None:
    stream.write(_escape_unencodable(text, stream.encoding or "utf-8"))
    stream.flush()


def _escape_unencodable(text: str, encoding: str) -> str:
    return text.encode(encoding, "backslashreplace").decode(encoding)


def _replace_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_replace_surrogates(key): _replace_surrogates(each) for key, each in value.items()}
    return [_replace_surrogates(each) for each in value] if isinstance(value, list | tuple) else value
