"""Which clients share an engine host: those that run the same code.

A host of other code is left alone: an editor's own Interfix and one on the command line may differ, and each has its host.
"""

import hashlib
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_HOST_FOLDERS = ("config", "engine", "masking", "models", "prompt", "syntax")
"""What a host may import, besides the modules of the package itself."""
_CODE_SUFFIXES = (".py", ".toml")


@cache
def identify_host() -> str:
    """The identity of the host that this process may use: 12 hexadecimal digits of a SHA-256 over the code a host runs.

    Every change of a message, a prompt or a decode changes it, and so does an update that keeps the version's number.
    """
    files = [file for folder in _HOST_FOLDERS for file in (_PACKAGE / folder).rglob("*") if file.suffix in _CODE_SUFFIXES]
    digest = hashlib.sha256()
    for file in sorted((*files, *_PACKAGE.glob("*.py"))):
        digest.update(file.relative_to(_PACKAGE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:12]
