"""The page for people who write a client, and its examples."""

import json
import re
from pathlib import Path
from typing import Any

PAGE = (Path(__file__).parents[3] / "editors/PROTOCOL.md").read_text()
EXAMPLES = [(kind, json.loads(body)) for kind, body in re.findall(r"^```json ([a-z ]+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)]


def read_examples(kind: str, method: str = "") -> list[Any]:
    """The page's examples of a kind, of one method if it is named."""
    return [body for each, body in EXAMPLES if each == kind and (not method or body["method"] == method)]
