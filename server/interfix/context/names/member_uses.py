"""What a text names of its objects: who writes `self.name` once is likely to write it again."""

import re

from interfix.context.index.file_extraction import find_member_names
from interfix.syntax.snapshot import Snapshot

_USE = re.compile(r"(?<![\w$])([A-Za-z_$][\w$]*+)(\([^()\n]*\)|\[[^\[\]\n]*\])?(?:\?\.|\.|->|::)(?=#?([A-Za-z_$][\w$]{0,79}))")
NEAR_BYTES = 50_000
"""So much of a document before a place, and behind it, is searched for members: a keystroke costs no more in a longer one."""
NEAR = 20_000
"""So many characters of it are searched for what is named of which object."""
MAX_KEYS = 2_000
"""Most objects that are listed, the first in the text."""


def read_near(snapshot: Snapshot, at: int) -> tuple[str, str]:
    """What `list_uses` lists around the byte offset at which a name begins, and the members of anything there, one a line."""
    before = snapshot.data[max(0, at - NEAR_BYTES) : at].decode("utf-8", "replace")
    # What is typed of the name is none yet.
    text = before + "\n" + snapshot.data[at : at + NEAR_BYTES].decode("utf-8", "replace")
    return list_uses(text, len(before)), "\n".join(sorted(find_member_names(text)))


def list_uses(text: str, at: int) -> str:
    """A line for each object near a place in a text: its last part, `()` or `[]` behind what is called or indexed, then the members
    that are named of it.
    """
    uses: dict[str, dict[str, None]] = {}
    for match in _USE.finditer(text, max(0, at - NEAR), at + NEAR):
        key = match[1] + ("" if not match[2] else "()" if match[2].startswith("(") else "[]")
        if key in uses or len(uses) < MAX_KEYS:
            uses.setdefault(key, {})[match[3]] = None
    return "\n".join(" ".join((key, *names)) for key, names in uses.items())
