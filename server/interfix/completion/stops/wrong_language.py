"""The model has gone over to another language. Goes by lines that begin as only some languages have them, and by the tree."""

import re
from functools import cache

from interfix.completion.filled_document import FilledDocument
from interfix.completion.hole import InfillHole
from interfix.completion.parse_gate import may_stand
from interfix.syntax.document import Document

_RELATED_LANGUAGES = (("c", "cpp"), ("javascript", "typescript", "tsx"), ("java", "csharp", "scala", "kotlin"))
_DISTINCTIVE_LINES = {
    "python": r"(?:async )?def \w+\(.*\)(?: ->.*)?:$|from [\w.]+ import \w|(?:elif .+|except(?: .+)?|if __name__ == .+):$",
    "javascript": r"(?:export )?(?:async )?function \w* ?\(.*\) ?\{$|(?:const|let) \w+ = (?:require\(|async |\()|module\.exports\b",
    "typescript": r"(?:export )?interface \w+ \{$|(?:const|let) \w+: \w+ =",
    "go": r"func (?:\(\w+ \*?\w+\) )?\w+\(.*\).*\{$|package \w+$|if err != nil \{$",
    "rust": r"(?:pub )?fn \w+(?:<.*>)?\(.*\).*\{$|use (?:std|crate|super)::|let mut \w+|impl(?:<.*>)? \w+",
    "java": r"public (?:static |final |class |interface |void )|import java[x.]|@Override$|System\.out\.print",
    "c": r"#include ?[<\"]|int main\((?:void|int argc.*)\)",
    "cpp": r"using namespace \w+;|std::\w+<|template ?<",
    "csharp": r"using System[.;]|namespace [\w.]+ ?[{;]$",
    "ruby": r"require ['\"]|attr_(?:reader|accessor) :|def \w+[?!]?$",
    "php": r"<\?php|\$\w+ = ",
    "html": r"<!DOCTYPE |</?(?:html|head|body|div|script)\b",
    "bash": r"#!/bin/(?:ba)?sh|(?:if|elif) \[\[? .* \]\]?; then$",
}
_LONGEST = 400
"""A line that begins in another language is shorter; longer ones are data."""
_WORDS = "This is no more than a line of words\n"
_NAMES = re.compile(r"System\.out\.print|module\.exports\b|import java[x.]")
"""What another language's library is called, which other grammars may take as well."""
_PATTERNS = {language: re.compile(pattern) for language, pattern in _DISTINCTIVE_LINES.items()}


def stop_at_wrong_language(hole: InfillHole, text: str) -> int | None:
    """A whole line that begins as one of another language does, none of ours does, and no line of the file has before.

    A line that parses where it stands, or is in a string, a comment or the text of a page, is in this file's language.
    """
    if "\n" not in text or hole.language_id not in _PATTERNS or hole.is_prose or hole.open_quote:
        return None
    names = {hole.language_id, hole.document_snapshot.language.id if hole.document_snapshot.language else ""}
    kin = {name for family in (*_RELATED_LANGUAGES, tuple(names)) if names.intersection(family) for name in family}
    ours = [_PATTERNS[language] for language in kin if language in _PATTERNS]
    theirs = [pattern for language, pattern in _PATTERNS.items() if language not in kin]
    inside = hole.scan_brackets(text).nested_line_starts
    start = 0
    for index, line in enumerate(text.split("\n")[:-1]):
        code = line.strip()
        own = len(line) > _LONGEST or start in inside or any(pattern.match(code) for pattern in ours)
        if (index > 0 or hole.is_line_start) and not own:
            foreign_pattern = next((pattern for pattern in theirs if pattern.match(code)), None)
            near = (line.strip() for line in (*hole.lines_above, *hole.lines_below) if len(line) <= _LONGEST)
            if foreign_pattern and not any(map(foreign_pattern.match, near)) and not _fits(hole, text, start, start + len(line)):
                return start
        start += len(line) + 1
    return None


def _fits(hole: InfillHole, text: str, start: int, end: int) -> bool:
    """Whether the file's own grammar takes a line of the completion for what it is, and not for any words."""
    filled = hole.fill(text[: end + 1])
    line = text[start:end].lstrip()
    first = end - len(line)
    if filled.has_comment_at(first) or _NAMES.match(line):
        return hole.is_text_at(text[: end + 1], first, within=True)
    if hole.is_text_at(text[: end + 1], first):
        return True
    if not may_stand(hole, text[:end], hole.count_errors(text[:start])):
        return False
    return hole.snapshot.language is None or filled.find_statement(first) != _statement_of_words(hole.snapshot.language.ids[0])


@cache
def _statement_of_words(language_id: str) -> str:
    """What a language takes plain words for where it takes them for code: a shell has a command of that name. Empty: an error."""
    snapshot = Document("file:///words", _WORDS, language_id=language_id).snapshot()
    return "" if snapshot.count_errors() else FilledDocument(snapshot, 0, "").find_statement(0)
