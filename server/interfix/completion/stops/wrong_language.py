"""The model has gone over to another language. Goes by lines that begin as only some languages have them."""

import re

from interfix.completion.hole import InfillHole

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
_PATTERNS = {language: re.compile(pattern) for language, pattern in _DISTINCTIVE_LINES.items()}


def stop_at_wrong_language(hole: InfillHole, text: str) -> int | None:
    """A whole line that begins as one of another language does, none of ours does, and no line of the file has before."""
    if hole.language_id not in _PATTERNS or hole.is_prose or hole.open_quote:
        return None
    kin = next((family for family in _RELATED_LANGUAGES if hole.language_id in family), (hole.language_id,))
    ours = [_PATTERNS[language] for language in kin if language in _PATTERNS]
    theirs = [pattern for language, pattern in _PATTERNS.items() if language not in kin]
    inside = hole.scan_brackets(text).nested_line_starts
    start = 0
    for index, line in enumerate(text.split("\n")[:-1]):
        code = line.strip()
        if (index > 0 or hole.is_line_start) and start not in inside and not any(pattern.match(code) for pattern in ours):
            found = next((pattern for pattern in theirs if pattern.match(code)), None)
            if found and not any(found.match(near.strip()) for near in (*hole.lines_above, *hole.lines_below)):
                return start
        start += len(line) + 1
    return None
