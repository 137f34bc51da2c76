"""Rules on the path of a file: secrets, vendored code, generated code."""

import re
from fnmatch import translate
from pathlib import Path

import msgspec


class _PathPatterns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The patterns in path_patterns.toml."""

    secrets: tuple[str, ...]
    """Files that hold secrets."""
    secret_places: tuple[str, ...]
    """The same, by folder and name."""
    no_secrets: tuple[str, ...]
    """Files that hold none."""
    secrets_in_code: tuple[str, ...]
    """Files that do, although they end as code does."""
    vendored: tuple[str, ...]
    """Folders of what was installed, built or cached."""
    generated: tuple[str, ...]
    """Files that no person wrote."""
    minified: tuple[str, ...]
    """Files that no person reads."""


def _compile_globs(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)))


_PATTERNS = msgspec.toml.decode(Path(__file__).with_suffix(".toml").read_bytes(), type=_PathPatterns)
_SECRET, _SECRET_LOCATION, _NO_SECRET = (
    _compile_globs(_PATTERNS.secrets),
    _compile_globs(_PATTERNS.secret_places),
    _compile_globs(_PATTERNS.no_secrets),
)
_SECRET_CODE = _compile_globs(_PATTERNS.secrets_in_code)
_VENDORED, _GENERATED, _MINIFIED = (
    _compile_globs(_PATTERNS.vendored),
    _compile_globs(_PATTERNS.generated),
    _compile_globs(_PATTERNS.minified),
)


def check_secret_path(path: str) -> str:
    """Why a relative path names a secret; empty where it does not."""
    parts = path.lower().split("/")
    if _SECRET_LOCATION.match("/".join(parts[-2:])):
        return "a secret by its place"
    name = parts[-1]
    secret = _SECRET_CODE.match(name) or (_SECRET.match(name) and not _NO_SECRET.match(name))
    return "a secret by its name" if secret else ""


def check_vendored_path(path: str) -> str:
    """Why a relative path lies among other people's or built code; that of a folder ends with a slash."""
    folder = next((part for part in path.split("/")[:-1] if _VENDORED.match(part.lower())), "")
    return f"vendored or built, in {folder}/" if folder else ""


def check_generated_path(path: str) -> str:
    """Why a relative path names what no person wrote."""
    name = path.lower().rsplit("/", 1)[-1]
    if _MINIFIED.match(name):
        return "minified"
    return "generated, by its name" if _GENERATED.match(name) else ""
