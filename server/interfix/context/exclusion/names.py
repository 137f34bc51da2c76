"""What a path alone tells: secrets, other people's code, and what no person wrote. Knows no disk; the names stand in names.toml."""

import re
from fnmatch import translate
from pathlib import Path

import msgspec


class _Names(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands in names.toml."""

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


def _any(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)))


_NAMES = msgspec.toml.decode(Path(__file__).with_suffix(".toml").read_bytes(), type=_Names)
_SECRET, _PLACE, _NO_SECRET = _any(_NAMES.secrets), _any(_NAMES.secret_places), _any(_NAMES.no_secrets)
_SECRET_CODE = _any(_NAMES.secrets_in_code)
_VENDORED, _GENERATED, _MINIFIED = _any(_NAMES.vendored), _any(_NAMES.generated), _any(_NAMES.minified)


def secret(path: str) -> str:
    """Why a relative path names a secret; empty where it does not."""
    parts = path.lower().split("/")
    if _PLACE.match("/".join(parts[-2:])):
        return "a secret by its place"
    name = parts[-1]
    secret = _SECRET_CODE.match(name) or (_SECRET.match(name) and not _NO_SECRET.match(name))
    return "a secret by its name" if secret else ""


def vendored(path: str) -> str:
    """Why a relative path lies among other people's or built code; that of a folder ends with a slash."""
    folder = next((part for part in path.split("/")[:-1] if _VENDORED.match(part.lower())), "")
    return f"vendored or built, in {folder}/" if folder else ""


def generated(path: str) -> str:
    """Why a relative path names what no person wrote."""
    name = path.lower().rsplit("/", 1)[-1]
    if _MINIFIED.match(name):
        return "minified"
    return "generated, by its name" if _GENERATED.match(name) else ""
