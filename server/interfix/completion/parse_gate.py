"""Nothing is shown that breaks the parse. Counts errors before and after, and takes back what made them more."""

import re
from collections.abc import Iterator

from interfix.completion.hole import InfillHole
from interfix.completion.indent_style import get_indent
from interfix.completion.unknown_syntax_replacement import begins_tag
from interfix.completion.unmatched_brackets import OPENERS
from interfix.syntax.injections import get_embedded_at

_MAX_DROPPED_CLOSERS = 8
_CLOSING_WORDS = ("end", "fi", "done")
_BRANCH_END = (")", ";;")
_TAGGED_LANGUAGES = ("html", "javascript", "tsx")
_MOST_DEPTH = 7
_MAX_CUT_POINTS = 16
_DIRECTIVE = re.compile(r"^[ \t]*#[ \t]*(?:if|else|elif)", re.MULTILINE)
_TAG = re.compile(r"<(/?)([A-Za-z][\w.-]*)[^<>]*?(/?)>")
_VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
"""Elements of HTML that have no end."""
_CUT_POINT = re.compile(r"\w+|[)\]}\"'`;]")
_OPERAND = "x"


def trim_to_parse(hole: InfillHole, text: str) -> str:
    """The longest beginning of the text that leaves the file with no more parse errors than it had.

    Unasked, a line may open what only later lines will close: it counts as whole if a body and closing brackets would make it so.
    Asked for, it brings its block along, and what is left of one that does not parse is nothing. Within the first line only closing
    characters are taken back, as half a statement is worth nothing. Where nothing holds, there is nothing to show.

    A file that the hole itself breaks allows errors; there, the beginning of the line that mends it is worth more than all of it.
    Where lines above the cursor do not fit the grammar, it does not know the file's own dialect, and allows as many more errors.
    """
    allowed = hole.count_errors("")
    if (errors := hole.count_errors(text)) <= allowed:
        return _trim_to_repair(hole, text) if errors else text
    if _leaves_part(hole, text) or begins_tag(text, hole.snapshot.language) or is_dialect(hole, text):
        return text
    for lines in _drop_lines(text):
        # What a line of several leaves open is a fault in any dialect.
        spare = allowed + (0 if "\n" in lines and hole.scan_brackets(lines).open_brackets else hole.errors_above)
        if hole.count_errors(lines) <= spare or (_may_open(hole, text, lines) and may_stand(hole, lines, spare)):
            return lines
    return next((line for line in _drop_closers(_get_first_line(text)) if hole.count_errors(line) <= allowed), "")


def _may_open(hole: InfillHole, text: str, lines: str) -> bool:
    """Whether lines of a text may end with what only later lines will close: one that is all of the text, or was not asked for, and
    any in a file whose rest is not written yet.
    """
    one = "\n" not in lines.strip()
    return one or hole.is_suffix_blank if lines == text else one and not hole.explicit


def _trim_to_repair(hole: InfillHole, text: str) -> str:
    """The longest beginning of a line, up to the end of a word or bracket, with which the file parses; the line where none does."""
    if "\n" in text.strip() or may_stand(hole, text, 0):
        return text
    ends = [match.end() for match in _CUT_POINT.finditer(text)]
    return next((text[:end] for end in reversed(ends[-_MAX_CUT_POINTS:]) if not hole.count_errors(text[:end])), text)


def _leaves_part(hole: InfillHole, text: str) -> bool:
    """Whether the text ends the part in another language that the cursor is in, such as a script, and the page allows it."""
    if hole.document_snapshot is hole.snapshot:
        return False
    page = hole.document_snapshot.replace_range(hole.offset, hole.offset, text)
    language = get_embedded_at(page, hole.offset + len(text.encode())).language
    return language != hole.snapshot.language and page.count_errors() <= hole.document_snapshot.count_errors()


def is_dialect(hole: InfillHole, text: str) -> bool:
    """Whether the grammar knows too little of the language to judge, and the brackets and quotes of the text are in order."""
    if hole.snapshot.language is None or not hole.snapshot.language.partial:
        return False
    nesting = hole.scan_brackets(text)
    closed = "".join(OPENERS[text[at]] for at in nesting.stray_closers)
    return (
        hole.open_brackets.endswith(closed[::-1])
        and (not nesting.open_brackets or hole.is_suffix_blank)
        and nesting.open_quote == (hole.open_quote if "\n" not in text and hole.line_suffix.strip() else "")
    )


def may_stand(hole: InfillHole, text: str, allowed: int) -> bool:
    """Whether the file has no more than `allowed` parse errors with the text in it, or with what may well follow it."""
    code = text.rstrip()
    ends = dict.fromkeys((hole.closing_text, ""))
    return any(
        hole.count_errors(code + rest + end + text[len(code) :]) <= allowed
        for rest in _list_continuations(hole, code)
        for end in ends
    )


def _drop_lines(text: str) -> Iterator[str]:
    """The text itself, then a line less each time, down to one."""
    yield text
    while "\n" in text.strip():
        text = text[: text.rstrip().rindex("\n")].rstrip()
        yield text


def _get_first_line(text: str) -> str:
    return [*_drop_lines(text)][-1]


def _drop_closers(line: str) -> Iterator[str]:
    """A character less each time, as long as no word and no opening bracket goes: without its brace an `if` means another."""
    for _ in range(_MAX_DROPPED_CLOSERS):
        if not line or line[-1].isalnum() or line[-1] in "_([{":
            return
        line = line[:-1].rstrip()
        if line.strip():
            yield line


def _list_continuations(hole: InfillHole, text: str) -> Iterator[str]:
    """What may well follow a line that is right so far: an operand, closing brackets, a body, the end of the statement."""
    line = (hole.line_prefix + text).rsplit("\n", 1)[-1]
    indent = get_indent(line)
    closers = _open_comment(hole, text) + hole.scan_brackets(text).missing_closers
    if "\n" in text and closers:
        # Behind a remark, or where the end of a line counts. What begins a block lacks its body, or what the block is of.
        yield from (f"{rest}\n{closers}" for rest in ("", " {}", f"\n{_OPERAND}", f"\n{_OPERAND} {_OPERAND};"))
    if tags := _open_tags(text):
        yield closers + tags
    if hole.language_id in _TAGGED_LANGUAGES and text.rfind("<") <= text.rfind(">"):
        yield from (f"{closers}>", f"{closers} />")  # a tag that the file has begun
    for end in hole.list_text_ends(text):
        yield from (f"\n{end.strip()}\n", f"\n{end.strip()};\n")
    for operand in ("", f" {_OPERAND}"):
        rest = operand + closers
        yield from (rest, rest + ";", rest + ",", f"{rest} {_OPERAND};")
        if hole.language_id == "python":
            colon = "" if line.endswith(":") else ":"
            yield f"{rest}{colon}\n{indent}    pass"
            yield f"{rest}{colon}\n{indent}    pass\n{indent}finally:\n{indent}    pass"
            yield f"{rest}\n{indent}def {_OPERAND}(): pass"
        elif hole.snapshot.language and hole.snapshot.language.block == "keyword":
            yield from (f"{rest}\n{indent}{word}" * depth for word in _CLOSING_WORDS for depth in range(1, _MOST_DEPTH))
            if text.endswith(" in"):  # a shell's `case` without any yet
                yield f"\n{indent}{_OPERAND}) ;;\n{indent}esac\n"
            if text.endswith(_BRANCH_END):  # a branch of a shell's `case`
                yield from (f"{rest} ;;", f"{rest} ;;\n{indent}esac\n")
        else:
            yield from (f"{rest} {{}}", f"{rest} class {_OPERAND} {{}}")
            if _DIRECTIVE.search(text):
                yield f"{rest}\n#endif\n"


def _open_comment(hole: InfillHole, text: str) -> str:
    """What ends a comment of several lines that the text begins and does not end."""
    marks = hole.snapshot.language.block_comment if hole.snapshot.language else None
    return marks[1] if marks and text.rfind(marks[0]) > text.rfind(marks[1]) else ""


def _open_tags(text: str) -> str:
    """The closing tags of elements that the text begins and does not end."""
    opened: list[str] = []
    for closing, name, empty in _TAG.findall(text):
        if closing and name in opened:
            del opened[len(opened) - 1 - opened[::-1].index(name) :]
        elif not closing and not empty and name.lower() not in _VOID:
            opened.append(name)
    return "".join(f"</{name}>" for name in reversed(opened))
