"""What a text names of its objects: who writes `self.name` once is likely to write it again."""

import re

_USE = re.compile(r"(?<![\w$])([A-Za-z_$][\w$]*+)(\([^()\n]*\)|\[[^\[\]\n]*\])?(?:\?\.|\.|->|::)(?=#?([A-Za-z_$][\w$]{0,79}))")
NEAR = 20_000
"""So many characters before a place, and behind it, are searched."""
MAX_KEYS = 2_000
"""So many objects are told of, the first in the text."""


def list_uses(text: str, at: int) -> str:
    """A line for each object near a place in a text: its last part, `()` or `[]` behind what is called or indexed, then the members
    that are named of it.
    """
    found: dict[str, dict[str, None]] = {}
    for match in _USE.finditer(text, max(0, at - NEAR), at + NEAR):
        key = match[1] + ("" if not match[2] else "()" if match[2].startswith("(") else "[]")
        if key in found or len(found) < MAX_KEYS:
            found.setdefault(key, {})[match[3]] = None
    return "\n".join(" ".join((key, *names)) for key, names in found.items())
