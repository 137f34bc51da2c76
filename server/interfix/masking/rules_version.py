"""Which rules find secrets: what was found by others is found again."""

import hashlib
from functools import cache
from pathlib import Path


@cache
def compute_rules_version() -> str:
    """Another text, of eight characters, where anything in this package is another."""
    digest = hashlib.blake2b(digest_size=4)
    for file in sorted(Path(__file__).parent.iterdir()):
        if file.is_file():
            digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
