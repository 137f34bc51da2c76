"""Which document a URI names: one key for all spellings of it, and the path of its file.

Editors spell the URI of one file differently: they escape other characters, in upper or lower case, and name a Windows drive as
`c%3A` or `C:`. Beyond that, links and file systems that fold case give one file several paths. Two keys are equal exactly where the
document is the same. Sources: RFC 3986 (normal forms), RFC 8089 (`file:`), and what editors send
(`tests/unit/syntax/test_document_key.py`).
"""

import base64
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import NewType
from urllib.parse import quote, unquote_to_bytes

DocumentKey = NewType("DocumentKey", str)
"""A URI in normal form, ASCII only; that of a file names its real path."""


class PathStyle(StrEnum):
    """How a system spells paths, and which spellings are one file to it."""

    POSIX = "posix"
    """Every byte counts."""
    DARWIN = "darwin"
    """Neither case nor Unicode's normal form counts."""
    WINDOWS = "windows"
    """Drives and backslashes; case does not count."""


NATIVE_STYLE = {"win32": PathStyle.WINDOWS, "darwin": PathStyle.DARWIN}.get(sys.platform, PathStyle.POSIX)
"""This system's."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")
"""One letter is a drive."""
_HIERARCHY = re.compile(r"(?://([^/?#]*))?([^?#]*)(.*)", re.DOTALL)
_DRIVE = re.compile(r"/?([A-Za-z])[:|](?=[/\\]|$)")
_UNRESERVED = re.compile(r"%(2[dDeE]|3[0-9]|[46][1-9a-fA-F]|[57][0-9aA]|5[fF]|7[eE])")
_ESCAPE = re.compile(r"%[0-9a-fA-F]{2}")
_PARTS_OF_FILES = frozenset({"vscode-notebook-cell", "vscode-interactive-input"})
"""Schemes whose documents are parts of a file, which the fragment tells apart."""
_REMOTE = "vscode-remote"
"""The scheme of what lies on another machine than the editor's window, on the one where its extensions run."""
_SAFE_IN_NAME = "-._~!$&'()*+,;=:@"
_MAX_FOLDER_ENTRIES = 10_000


def parse_file_path(uri: str, style: PathStyle = NATIVE_STYLE) -> str:
    """The absolute path that a URI names, as it is spelled there: of a file, or of the notebook of a cell; empty where it names
    none.

    A plain path counts as one. `?` and `#` in a `file:` URI belong to the path: no editor means anything else by them, and some
    forget to escape them. On other systems than Windows a host that is not this machine has no path here.
    """
    scheme, rest = _split_scheme(uri)
    if scheme in _PARTS_OF_FILES:
        match = _HIERARCHY.fullmatch(rest)
        assert match is not None
        home = _find_scheme_of_whole(match[3])
        if home not in ("", "file", _REMOTE):
            return ""
        # A server of an editor that is elsewhere runs where the files are.
        rest = f"//{match[1] if match[1] and home != _REMOTE else ''}{match[2]}"
    elif not scheme:
        return _parse_plain_path(uri, style)
    elif scheme != "file":
        return ""
    host, path = "", rest
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        path = slash + path
    host, path = _unquote(host), _unquote(path)
    if "\0" in host + path:
        return ""
    if style is PathStyle.WINDOWS:
        return _to_windows(host, path)
    if host.lower() not in ("", "localhost") or not path.startswith("/"):
        return ""
    return _normalize_posix(path)


def is_part_of_file(uri: str) -> bool:
    """Whether a URI names a part of a file, such as a cell of a notebook, so that its positions are none in the file."""
    return _split_scheme(uri)[0] in _PARTS_OF_FILES


def find_key_of_whole(key: DocumentKey) -> DocumentKey:
    """What the keys of all parts of one file have in common."""
    return DocumentKey(key.partition("#")[0])


def make_document_key(uri: str, resolve: Callable[[str], str] | None = None, style: PathStyle = NATIVE_STYLE) -> DocumentKey:
    """The key of the document that a URI names; `resolve` gives the real path of a path, None: as it is spelled."""
    path = parse_file_path(uri, style)
    if not path:
        return DocumentKey(_normalize_uri(uri))
    key = make_path_key(resolve(path) if resolve else path, style)
    scheme, rest = _split_scheme(uri)
    if scheme not in _PARTS_OF_FILES:
        return key
    match = _HIERARCHY.fullmatch(rest)
    assert match is not None
    return DocumentKey(f"{scheme}{key.removeprefix('file')}{_normalize_escapes(match[3])}")


def make_path_key(path: str, style: PathStyle = NATIVE_STYLE) -> DocumentKey:
    """The key of the file at an absolute path, which is taken for its real one."""
    folded = _fold(path, style)
    if style is PathStyle.WINDOWS:
        folded = folded.replace("\\", "/")
    slashes = "" if folded.startswith("//") else "//" if folded.startswith("/") else "///"
    return DocumentKey(f"file:{slashes}{quote(folded.encode('utf-8', 'surrogateescape'), safe=f'/{_SAFE_IN_NAME}')}")


def find_real_path(path: str) -> str:
    """The path without links, spelled as on the disk where only Unicode's normal form differs. What does not exist stays as it is.

    Looks at folders on the way, opens nothing, and never fails.
    """
    try:
        real = os.path.realpath(path)
        return real if real.isascii() or os.sep != "/" or os.path.lexists(real) else _find_other_normal_form(real)
    except (OSError, ValueError):
        return path


def locate_in_folder(path: str, folders: Iterable[Path], style: PathStyle = NATIVE_STYLE) -> str:
    """A file's path below the innermost of some folders that holds it, spelled as that folder is: by the real paths of both, else
    as both are spelled. As it is where none holds it.
    """
    real = find_real_path(path)
    for spelling, resolve in ((real, find_real_path), (path, str)):
        key = make_path_key(spelling, style)
        tops = {folder: make_path_key(resolve(str(folder)), style).rstrip("/") + "/" for folder in folders}
        holding = [folder for folder, top in tops.items() if key.startswith(top)]
        if holding:
            folder = max(holding, key=lambda each: len(tops[each]))
            depth = key.count("/") - tops[folder].count("/") + 1
            return str(folder.joinpath(*re.split(r"[\\/]" if style is PathStyle.WINDOWS else "/", spelling)[-depth:]))
    return path


def _split_scheme(uri: str) -> tuple[str, str]:
    match = _SCHEME.match(uri)
    return (match[1].lower(), uri[match.end() :]) if match else ("", uri)


def _find_scheme_of_whole(fragment: str) -> str:
    """The scheme of the file that a part belongs to: VS Code has it, as base64, behind the part's number; empty where it is not
    told.
    """
    encoded = re.fullmatch(r"#[W-Za-z][0-9]+s([A-Za-z0-9+/_-]+)(?:=|%3[dD])*", fragment)
    if encoded is None:
        return ""
    try:
        return base64.b64decode(encoded[1] + "==", altchars=b"-_").decode("ascii").lower()
    except ValueError:
        return ""


def _parse_plain_path(text: str, style: PathStyle) -> str:
    if "\0" in text:
        return ""
    text = _to_path_text(text.encode("utf-8", "surrogatepass"))
    if style is PathStyle.WINDOWS:
        return _to_windows("", text) if _DRIVE.match(text) or text.startswith(("\\\\", "//")) else ""
    return _normalize_posix(text) if text.startswith("/") else ""


def _unquote(text: str) -> str:
    """Escapes resolved once."""
    return _to_path_text(unquote_to_bytes(text.encode("utf-8", "surrogatepass")))


def _to_path_text(raw: bytes) -> str:
    """Bytes that are no UTF-8 become lone surrogates, as in every path of Python's."""
    return raw.decode("utf-8", "surrogateescape")


def _quote(text: str, safe: str = "") -> str:
    return quote(text.encode("utf-8", "surrogateescape"), safe=safe + _SAFE_IN_NAME)


def _normalize_posix(path: str) -> str:
    return "/" + "/".join(_remove_dots(path.split("/")))


def _to_windows(host: str, path: str) -> str:
    """`C:\\folder\\file` or `\\\\server\\share\\file`; empty where it is neither."""
    path = path.replace("\\", "/")
    host = "" if host.lower() == "localhost" else host
    if _DRIVE.match(f"{host}/"):  # file://C:/x
        host, path = "", f"/{host}{path}"
    if not host and path.startswith("//"):
        path = re.sub(r"^//[?.]/(?:UNC/)?", lambda long: "//" if "UNC" in long[0].upper() else "/", path, flags=re.IGNORECASE)
    if not host and path.startswith("//"):
        host, _, path = path.lstrip("/").partition("/")
        path = f"/{path}"
    if host:
        share = "\\".join(_remove_dots(path.split("/")))
        return f"\\\\{host}\\{share}" if share else ""
    drive = _DRIVE.match(path)
    return f"{drive[1].upper()}:\\" + "\\".join(_remove_dots(path[drive.end() :].split("/"))) if drive else ""


def _remove_dots(names: Iterable[str]) -> list[str]:
    segments: list[str] = []
    for name in names:
        if name == "..":
            del segments[-1:]
        elif name not in ("", "."):
            segments.append(name)
    return segments


def _fold(path: str, style: PathStyle) -> str:
    if style is PathStyle.POSIX:
        return path
    if style is PathStyle.DARWIN:
        path = unicodedata.normalize("NFD", path)
    folded = "".join(map(_fold_character, path))
    return unicodedata.normalize("NFC", folded) if style is PathStyle.DARWIN else folded


def _fold_character(character: str) -> str:
    """One for one, as file systems fold: `ß` is not `ss`, and no letter becomes an ASCII one."""
    upper = character.upper()
    return upper if len(upper) == 1 and (character.isascii() or not upper.isascii()) else character


def _normalize_uri(uri: str) -> str:
    """RFC 3986's normal form, 6.2.2, of a URI that names no file. In a path any escape but that of a slash may be left out."""
    scheme, rest = _split_scheme(uri)
    match = _HIERARCHY.fullmatch(rest)
    assert match is not None
    host = f"//{_normalize_escapes(match[1].lower())}" if match[1] is not None else ""
    path = "/".join(_quote(_unquote(name)) for name in match[2].split("/"))
    return f"{scheme}{':' if scheme else ''}{host}{path}{_normalize_escapes(match[3])}"


def _normalize_escapes(text: str) -> str:
    """Escapes in upper case, none where none is needed, and one where it is."""
    unescaped = _UNRESERVED.sub(lambda escape: chr(int(escape[1], 16)), text)
    escaped = _ESCAPE.sub(lambda escape: escape[0].upper(), unescaped)
    return quote(escaped.encode("utf-8", "surrogatepass"), safe=f"/{_SAFE_IN_NAME}%?#[]")


def _find_other_normal_form(path: str) -> str:
    """The path with each name that is not there replaced by the entry that differs in its normal form only."""
    real_path = Path("/")
    for name in path.split("/"):
        there = real_path / name
        if not name.isascii() and not os.path.lexists(there):
            form = unicodedata.normalize("NFC", name)
            same = (entry for entry in _list_names(real_path) if unicodedata.normalize("NFC", entry) == form)
            there = real_path / next(same, name)
        real_path = there
    return os.path.realpath(real_path)


def _list_names(folder: Path) -> Iterator[str]:
    try:
        with os.scandir(folder) as entries:
            yield from (entry.name for entry in islice(entries, _MAX_FOLDER_ENTRIES))
    except OSError:
        return
