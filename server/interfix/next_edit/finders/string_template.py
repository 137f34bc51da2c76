"""A placeholder was put into a plain string, or a string was turned into a template: the prefix, the quotes, the other strings."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from interfix.next_edit.call_sites import is_in_scope
from interfix.next_edit.candidate import Candidate
from interfix.next_edit.edit_log import Edit, widen_to_lines
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.name_changes import is_edited, list_edits
from interfix.next_edit.next_edit_types import Replacement
from interfix.syntax.name_place import TextKind, find_name_place

MIN_MADE = 2
"""Strings that the user has turned, before others outside of the function are."""
_PLACEHOLDERS: Mapping[str, "re.Pattern[str]"] = {
    "python": re.compile(r"(?<!\{)\{(self\b|[A-Za-z_]\w*)(?:[.\[][^{}\"']*)?(?:![rsa])?(?::[^{}\"']*)?\}(?!\})"),
    "javascript": re.compile(r"\$\{(this\b|[A-Za-z_$][\w$]*)[^{}'\"`]*\}"),
    "csharp": re.compile(r"(?<!\{)\{(this\b|[A-Za-z_]\w*)(?:[.\[][^{}\"]*)?(?::[^{}\"]*)?\}(?!\})"),
    "scala": re.compile(r"\$\{?(this\b|[A-Za-z_]\w*)[^{}\"]*?\}?"),
}
_MAX_STATEMENT_BYTES = 300
"""Bytes behind a string that are looked at for what fills it in."""
_PREFIXES = {"python": "f", "csharp": "$", "scala": "s"}
_ALIKE = {"typescript": "javascript", "tsx": "javascript"}
_STRING = re.compile(r"(?P<prefix>(?<![\w$])[A-Za-z$@]{0,2})(?P<quote>[\"'])(?P<text>(?:(?!(?P=quote))[^\\\n]|\\.)*)(?P=quote)")
_ARGUMENT = r"[\w.]+(?:\[[\w.]+\])?(?:\([\w., ]*\))?"
_FORMAT = re.compile(
    rf"(?<![\w\"'])(?P<quote>[\"'])(?P<text>(?:(?!(?P=quote))[^\\\n])*)(?P=quote)\.format\((?P<values>{_ARGUMENT}(?:,\s*{_ARGUMENT})*)\)"
)
_PERCENT = re.compile(
    rf"(?<![\w\"'])(?P<quote>[\"'])(?P<text>(?:(?!(?P=quote))[^\\\n])*)(?P=quote)\s%\s(?:\((?P<values>{_ARGUMENT}(?:,\s*{_ARGUMENT})*),?\)|(?P<value>{_ARGUMENT})(?![\w(.\[]))"
)


def find(search: EditSearch) -> list[Candidate]:
    """What makes a string with a placeholder a template, and what turns further strings as the user turned others."""
    language = search.context.snapshot.language
    name = _ALIKE.get(language.id, language.id) if language else ""
    candidates = [*_list_missing(search, name)] if name in _PLACEHOLDERS else []
    return [*candidates, *_list_converted(search)] if name == "python" else candidates


def _list_missing(search: EditSearch, language: str) -> Iterator[Candidate]:
    """Strings that want to be templates since the newest edits."""
    table = search.table
    for edit in list_edits(search.context):
        line = table.snapshot.lines.find_line(edit.start)
        text = table.lines[line]
        if b"\n" in edit.new or b"{" not in edit.new:
            continue
        for match in _STRING.finditer(text):
            start, end = (table.find_byte(line, at) for at in match.span())
            if (
                not (start < edit.start and edit.end < end)
                or match["prefix"]
                or not _wants_template(search, language, match, start, edit)
            ):
                continue
            quote = table.find_byte(line, match.start("quote"))
            if language == "javascript":
                body = match["text"]
                if "`" in body:
                    continue
                replacements: tuple[Replacement, ...] = (Replacement(quote, quote + 1, b"`"), Replacement(end - 1, end, b"`"))
            else:
                replacements = (Replacement(quote, quote, _PREFIXES[language].encode()),)
            yield Candidate("string_template", "string_template", line, line + 1, replacements, {}, "a template", edit.number)


def _wants_template(search: EditSearch, language: str, match: "re.Match[str]", start: int, edit: Edit) -> bool:
    placeholders = [*_PLACEHOLDERS[language].finditer(match["text"])]
    snapshot, text = search.context.snapshot, match.string
    placed = edit.new.decode("utf-8", "replace")
    if not placeholders or not any(each[0] in placed or placed in each[0] for each in placeholders):
        return False
    rest = text[match.end() :].lstrip()
    if rest.startswith((".format", "%", ".replace", ".substitute")) or re.search(r"(?:%s|\{\})", match["text"]):
        return False
    if find_name_place(snapshot, start + 1).kind is not TextKind.STRING:
        return False
    if _is_filled_later(search, start + len(match[0].encode()), [each[1] for each in placeholders]):
        return False
    return all(each[1] in ("self", "this") or is_in_scope(snapshot, each[1], start) for each in placeholders)


def _is_filled_later(search: EditSearch, end: int, names: Sequence[str]) -> bool:
    """Whether what follows a string in its statement fills the placeholders in: `.format(` behind strings that it goes on with, or
    arguments that are called like them.
    """
    rest = search.context.snapshot.data[end : end + _MAX_STATEMENT_BYTES].decode("utf-8", "replace")
    return re.match(r"(?:\s*[rbuRBU]?(?:\"[^\"\n]*\"|'[^'\n]*'))*\s*\)?\s*(?:\.format|%)", rest) is not None or any(
        re.search(rf"\b{re.escape(name)}\s*=(?!=)", rest.split("\n\n", 1)[0]) for name in names
    )


def _list_converted(search: EditSearch) -> Iterator[Candidate]:
    """Strings that are put together the old way, where the user has turned some of that way into f-strings."""
    for pattern, convert in _CONVERTERS:
        made = [each for each in list_edits(search.context) if _is_converted(search, each, pattern, convert)]
        if not made:
            continue
        functions = {find_name_place(search.context.snapshot, each.start).function for each in made}
        for line, text in enumerate(search.table.lines):
            for match in pattern.finditer(text):
                start, end = (search.table.find_byte(line, at) for at in match.span())
                function = find_name_place(search.context.snapshot, start).function
                new = convert(match)
                if new and not is_edited(search.context, start, end) and (len(made) >= MIN_MADE or function in functions):
                    replacement = Replacement(start, end, new.encode("utf-8", "surrogatepass"))
                    yield Candidate(
                        "string_template", "string_template", line, line + 1, (replacement,), {}, "an f-string", made[0].number
                    )


def _is_converted(search: EditSearch, edit: Edit, pattern: "re.Pattern[str]", convert: "Callable[[re.Match[str]], str]") -> bool:
    lines = widen_to_lines(search.context.snapshot.data, edit)
    old, new = (text.decode("utf-8", "replace") for text in (lines.old, lines.new))
    converted = pattern.sub(lambda match: convert(match) or match[0], old)
    return converted != old and converted == new


def _convert_format(match: "re.Match[str]") -> str:
    return _fill(match, r"\{\}", match["values"])


def _convert_percent(match: "re.Match[str]") -> str:
    if re.search(r"%(?!s)|[{}]", match["text"]):
        return ""
    return _fill(match, r"%s", match["values"] or match["value"])


def _fill(match: "re.Match[str]", mark: str, values: str) -> str:
    """The f-string; empty where the values do not fit."""
    parts, given = re.split(mark, match["text"]), re.findall(_ARGUMENT, values)
    if len(parts) != len(given) + 1 or re.search(r"[{}]", "".join(parts)) or match["quote"] in values:
        return ""
    filled = parts[0] + "".join(f"{{{value}}}{part}" for value, part in zip(given, parts[1:], strict=True))
    return f"f{match['quote']}{filled}{match['quote']}"


_CONVERTERS: tuple[tuple["re.Pattern[str]", "Callable[[re.Match[str]], str]"], ...] = (
    (_FORMAT, _convert_format),
    (_PERCENT, _convert_percent),
)
