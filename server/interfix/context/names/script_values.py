"""The types of a script's values, by how they are written: literals, what is made by `new`, calls, and chains of members."""

import re
from collections.abc import Callable

from interfix.context.names.script_types import find_closing, shorten_type, split_at, strip_comments, walk

RootFinder = Callable[[str, bool], str]
"""Tells the type of the name that a chain begins with, and whether it is called."""

_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_LINK = re.compile(r"\s*(?:\?\.|\.)\s*(#?[A-Za-z_$][\w$]*)")
_KEY = re.compile(r"(?:async\s+|get\s+|set\s+|\*\s*)*(?:(#?[A-Za-z_$][\w$]*)|'([^'\n]+)'|\"([^\"\n]+)\")\s*(?=[:(<]|\Z)")
_GOES_ON = frozenset(".?|&+-*/%=<>:,([`")
"""With what an expression goes on over the end of a line, before it or behind it."""


def find_module_value(name: str, called: bool) -> str:
    """The type of a name that nothing around it declares."""
    return f"ReturnType<typeof {name}>" if called else "" if name == "this" else f"typeof {name}"


def infer_value_type(value: str) -> str:
    """The type of a value by how it is written; empty where that does not tell."""
    return infer_type(value.strip(), find_module_value) if value.strip() else ""


def infer_literal_type(text: str) -> str:
    """The type of the object that a text begins with, written out; empty where it begins with none."""
    end = find_closing(text, 0) if text.startswith("{") else -1
    return infer_type(text[: end + 1], find_module_value) if end > 0 else ""


def read_value(behind: str) -> str:
    """What stands behind the equals sign; empty where there is none, or no end of it."""
    text = behind.lstrip()
    if not text.startswith("=") or text[1:2] in ("=", ">"):
        return ""
    text = strip_comments(text[1:]).lstrip()
    return text[: _find_value_end(text)].strip() if not text.startswith("{") else text[: find_closing(text, 0) + 1]


def _find_value_end(text: str) -> int:
    """Where a value ends: at a comma, a semicolon, a bracket that was opened before it, a line's end at which nothing goes on."""
    depth = angles = 0
    for at, character, _ in walk(text):
        if character == "<" and text[at - 1 : at].isidentifier():
            angles += 1
        elif character == ">" and angles:
            angles -= 1
        depth += (character in "([{") - (character in ")]}")
        if depth < 0 or (not depth and not angles and character in ",;"):
            return at
        if character == "\n" and not depth and not angles:
            before, behind = text[:at].rstrip(), text[at:].lstrip()
            if before[-1:] not in _GOES_ON and behind[:1] not in _GOES_ON and not behind.startswith(("as ", "instanceof ", "in ")):
                return at
    return len(text)


def parse_literal(value: str) -> dict[str, str] | None:
    """The members of an object that is written out; None where it may have others."""
    members: dict[str, str] = {}
    for item in split_at(strip_comments(value[1:-1]), ","):
        item = item.strip()
        if item.startswith("...") or (item.startswith("[") and not item.startswith("[Symbol.")):
            return None
        if (key := _KEY.match(item)) is None:
            continue
        name, behind = key[1] or key[2] or key[3], item[key.end() :]
        if behind.startswith((":", "")) and not behind.startswith(("(", "<")):
            members[name] = infer_type(behind[1:].strip(), find_module_value) if behind else ""
        else:
            members[f"{name}()"] = ""
    return members


def infer_type(value: str, find_root: RootFinder) -> str:
    """The type of a value, by how it is written; empty where that does not tell."""
    if cast := re.search(r"\sas\s+(?!const\b)([^;]+)\Z", value):
        return shorten_type(cast[1])
    value = re.sub(r"\s+as\s+const\Z", "", value).rstrip(";").strip()
    awaited = re.match(r"await\s+", value)
    if awaited:
        inner = infer_type(value[awaited.end() :], find_root)
        return f"Awaited<{inner}>" if inner else ""
    if made := re.match(r"new\s+([A-Za-z_$][\w$]*)\s*", value):
        rest = value[made.end() :]
        rest = rest[find_closing(rest, 0) + 1 :] if rest.startswith("<") else rest
        return made[1] if rest.startswith("(") and find_closing(rest, 0) == len(rest) - 1 else ""
    if re.fullmatch(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`", value):
        return "string"
    if re.fullmatch(r"/(?![/*])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*", value):
        return "RegExp"
    if value.startswith("[") and find_closing(value, 0) == len(value) - 1:
        return "unknown[]"
    if value.startswith("{") and find_closing(value, 0) == len(value) - 1:
        members = parse_literal(value)
        return "{ " + "; ".join(f"{name}: {kind or 'unknown'}" for name, kind in members.items()) + " }" if members else ""
    return _infer_chain(value, find_root)


def _infer_chain(value: str, find_root: RootFinder) -> str:
    """The type of `a.b.c(…)`, in terms of that of `a`."""
    first = _WORD.match(value)
    if first is None:
        return ""
    at = first.end()
    called, at = _skip_call(value, at)
    kind = find_root(first[0], called)
    while kind and at < len(value):
        if value[at] == "!":
            at += 1
            continue
        link = _LINK.match(value, at)
        if link is None:
            return ""
        called, at = _skip_call(value, link.end())
        kind = index_type(kind, link[1] + "()" * called)
    return kind


def _skip_call(value: str, at: int) -> tuple[bool, int]:
    """Whether what ends there is called, and where the call ends."""
    begin = find_closing(value, at) + 1 if value.startswith("<", at) else at
    if begin <= 0 or not value.startswith("(", begin):
        return False, at
    end = find_closing(value, begin)
    return (True, end + 1) if end > 0 else (False, at)


def index_type(kind: str, member: str) -> str:
    simple = re.fullmatch(r"[\w$]+(?:<.*>)?(?:\[.*\])?|\{.*\}(?:\[.*\])?|\(.*\)(?:\[.*\])?", kind, re.DOTALL)
    return f"{kind}['{member}']" if simple else f"({kind})['{member}']"
