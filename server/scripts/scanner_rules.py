"""Writes `masking/scanner.toml` anew from the rules of gitleaks: `python server/scripts/scanner_rules.py gitleaks.toml COMMIT`.

What is taken are facts: which services have secrets of which pattern. Rules that need a file's path, or that are about any key of
any service, are left out; what ours know already stays, for a secret that is found twice is masked once.
"""

import re
import sys
import tomllib
from pathlib import Path

TARGET = Path(__file__).parents[1] / "interfix" / "masking" / "scanner.toml"
LEFT_OUT = {"generic-api-key", "private-key", "jwt", "jwt-base64", "kubernetes-secret-yaml", "curl-auth-header", "curl-auth-user"}
"""Ours find these, and more of them; the first would hide half of a file."""
LEFT_OUT |= {"sourcegraph-access-token", "vault-service-token", "sidekiq-sensitive-url"}
"""These take any hash, or any member of `s`."""
PUBLIC = re.compile(r"client-id|pub-key|pub-api-key|public-key|access-id|api-id")
"""Of rules about what is no secret."""
ANY_NAME = r"(?:\[\\w\.-\]\{0,50\}\?)"
NAMED = re.compile(
    ANY_NAME + r"?\(\?i[):]" + ANY_NAME + r"\(\?:(?P<names>.*?)\)\(\?:\[ \\t\\w\.-\]\{0,20\}\)"
    r".*?\{0,5\}\((?P<value>.*?)\)\(\?:\[\\x60"
)
"""The form of rules about what is assigned to a name: the service's names, and what its secrets look like."""
HEAD = """# Shapes of secrets by service: facts from the rules of gitleaks, a secret scanner, in its config/gitleaks.toml of
# commit {commit} (https://github.com/gitleaks/gitleaks). Written by server/scripts/scanner_rules.py; do not edit.
# Copyright (c) 2019 Zachary Rice. MIT License: permission is granted, free of charge, to any person obtaining a copy of the
# software to deal in it without restriction, subject to this notice being kept; it is provided "as is", without any warranty.
#
# `has` lists texts in lower case of which one occurs where the pattern can match. `names` are regular expressions of what a value
# is assigned to. `entropy` is the least of the secret's characters, bits.
"""


def main() -> None:
    source, commit = sys.argv[1:]
    rules = tomllib.loads(Path(source).read_text(encoding="utf-8"))["rules"]
    wanted = [rule for rule in rules if "regex" in rule and "path" not in rule and rule["id"] not in LEFT_OUT]
    entries = [entry(rule) for rule in wanted if not PUBLIC.search(rule["id"])]
    TARGET.write_text(HEAD.format(commit=commit) + "".join(entries), encoding="utf-8")


def entry(rule: dict[str, object]) -> str:
    """A rule in the form of our data."""
    regex, words = str(rule["regex"]), rule.get("keywords", [])
    assert isinstance(words, list)
    fields = {"name": text(str(rule["id"])), "has": "[" + ", ".join(text(str(word).lower()) for word in words) + "]"}
    if match := NAMED.match(regex):
        flag = "(?i)" if regex.startswith("(?i)") else ""
        fields |= {"names": text(translate_rule(match["names"])), "value": text(translate_rule(flag + match["value"]))}
    else:
        fields["pattern"] = text(translate_rule(regex))
    if "entropy" in rule:
        fields["entropy"] = str(float(str(rule["entropy"])))
    if "secretGroup" in rule:
        fields["group"] = str(rule["secretGroup"])
    return f"\n[[{'named' if match else 'pattern'}]]\n" + "".join(f"{key} = {value}\n" for key, value in fields.items())


def text(value: str) -> str:
    """A TOML string."""
    return f'"{value}"' if re.fullmatch(r"[\w .:/-]*", value) else f"'''{value}'''"


def translate_rule(regex: str) -> str:
    """RE2's syntax in Python's: a flag holds up to the end of its group, and POSIX classes are spelled out."""
    regex = regex.replace("[:alnum:]", "a-zA-Z0-9").replace("[:alpha:]", "a-zA-Z").replace("\\z", "\\Z")
    out, closing, at, in_class = [], [0], 0, False
    while at < len(regex):
        letter = regex[at]
        if letter == "\\":
            out.append(regex[at : at + 2])
            at += 2
            continue
        if in_class:
            in_class = letter != "]"
        elif letter == "[":
            in_class = True
            if regex[at + 1 : at + 2] == "]":
                out.append("[")
                at, letter = at + 1, "]"
        elif flag := re.match(r"\(\?(-?i)\)", regex[at:]):
            out.append(f"(?{flag[1]}:")
            closing[-1] += 1
            at += flag.end()
            continue
        elif letter == "(":
            closing.append(0)
        elif letter == ")":
            out.append(")" * closing.pop())
        out.append(letter)
        at += 1
    return "".join(out) + ")" * closing[0]


if __name__ == "__main__":
    main()
