"""Code within a sentence: in backticks as Markdown has it, in quotation marks where no Markdown is rendered.

Messages of editors, verdicts, menus and terminals show backticks as they are.
"""

import re

_SPAN = re.compile(r"(?<!`)(`+)(?!`)([^\n]+?)(?<!`)\1(?!`)")
_RUN = re.compile("`+")


def write_code_span(code: str) -> str:
    """Code of one line as a code span that nothing in it ends (CommonMark 6.1)."""
    runs = {len(run) for run in _RUN.findall(code)}
    fence = "`" * next(length for length in range(1, len(runs) + 2) if length not in runs)
    pad = " " if code.startswith(("`", " ")) or code.endswith(("`", " ")) else ""
    return f"{fence}{pad}{code}{pad}{fence}"


def quote_code_spans(text: str) -> str:
    """The text with quotation marks in place of the backticks around code."""
    return _SPAN.sub(lambda span: _quote(span[2]), text) if "`" in text else text


def _quote(code: str) -> str:
    if code.startswith(" ") and code.endswith(" ") and code.strip():
        code = code[1:-1]
    return f'"{code}"' if '"' not in code else f"'{code}'" if "'" not in code else f"“{code}”"


def fence_code(code: str, language: str) -> str:
    """Code as a fenced block that nothing inside it can close."""
    longest = max(map(len, re.findall(r"`+", code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code}\n{fence}"
