"""Places in real files at which a bench types: some lines are taken out, the rest stays."""

import argparse
import difflib
import json.decoder
import os
import random
import textwrap
import typing
from collections.abc import Iterator
from pathlib import Path

import msgspec

from interfix.errors import UsageError
from interfix.syntax.document import open_file
from interfix.syntax.languages import load_languages

LINES_PER_SITE = 4
"""Lines that are typed at a place, empty ones not counted."""
MIN_CHARACTERS = 80
"""Fewer in so many lines are not worth a visit."""
MAX_CHARACTERS = 240
"""More take too long."""
_MAX_FILE_BYTES = 400_000
_MAX_FILES = 4_000
_EXCLUDED_FOLDERS = frozenset(
    {"node_modules", "vendor", "third_party", "build", "dist", "target", "site-packages", "__pycache__", "venv"}
)


class TypingSite(msgspec.Struct, frozen=True):
    """Where to type."""

    path: Path
    """The file, relative to its root."""
    language: str
    """LSP language id."""
    prefix: str
    """What stands before."""
    text: str
    """What is to be typed."""
    suffix: str
    """What stands after; empty where the rest of the file is not written yet."""


def stdlib_files() -> list[Path]:
    """Five real files of 350 to 3,400 lines that every Python brings along, in its library's folder or below."""
    return [Path(str(module.__file__)) for module in (textwrap, argparse, json.decoder, typing, difflib)]


def find_sources(root: Path) -> list[Path]:
    """The files below a folder, or the file itself, that are in a known language and not somebody else's; sorted."""
    if root.is_file():
        return [root]
    if not root.is_dir():
        raise UsageError(f"{root} does not exist. Name a file or a folder of source files.")
    sources = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in _EXCLUDED_FOLDERS and not name.startswith("."))
        paths = (Path(folder) / name for name in sorted(files))
        sources += [
            path
            for path in paths
            if load_languages().find_by_path(str(path)) and path.is_file() and path.stat().st_size <= _MAX_FILE_BYTES
        ]
        if len(sources) >= _MAX_FILES:
            break
    return sources[:_MAX_FILES]


def choose_sites(root: Path, files: list[Path], count: int, rng: random.Random) -> list[TypingSite]:
    """A place in each of `count` of the files, or of as many as have one; for every other the rest of the file is not there yet."""
    sites: list[TypingSite] = []
    for path in rng.sample(files, len(files)):
        try:
            snapshot = open_file(path).snapshot()
        except UsageError:
            continue
        candidates = list(_find_ranges(snapshot.text))
        if candidates and snapshot.language is not None:
            start, end = rng.choice(candidates)
            text = snapshot.text
            suffix = text[end:] if len(sites) % 2 else ""
            sites.append(TypingSite(path.relative_to(root), snapshot.language.id, text[:start], text[start:end], suffix))
        if len(sites) == count:
            break
    return sites


def _find_ranges(text: str) -> Iterator[tuple[int, int]]:
    """Where runs of lines worth typing begin and end; the first tenth of a file, where it says what it is, is left out."""
    if "\r" in text:
        return
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    for first in range(len(lines) // 10 + 1, len(lines)):
        last, full = first, 0
        while last < len(lines) and full < LINES_PER_SITE:
            full += bool(lines[last].strip())
            last += 1
        begin = starts[first] + len(lines[first]) - len(lines[first].lstrip())
        end = starts[last] - len(lines[last - 1]) + len(lines[last - 1].rstrip())
        if lines[first].strip() and full == LINES_PER_SITE and MIN_CHARACTERS <= end - begin <= MAX_CHARACTERS:
            yield begin, end
