"""The replay's typist in a real Neovim, beside a server that knows what is to come: it is seen, taken, and the text is as meant."""

import os
import random
import shlex
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from interfix.bench.typing_session import TypingSession
from interfix.bench.typing_sites import TypingSite
from tests.bench.editor_document import EditorDocument
from tests.editors.editor_binaries import EditorBinary
from tests.editors.neovim_typing import NeovimTyping, open_neovim_typing

ORACLE = Path(__file__).parents[1] / "unit/bench/fake_oracle_server.py"
PREFIX = "def describe(items):\n    "
TEXT = 'names = [item.name for item in items]\n    if not names:\n        return "nothing"\n    return ", ".join(names)'
SUFFIX = "\n\n\nprint(describe([]))\n"


@pytest.fixture
def surface(neovim_binary: EditorBinary, tmp_path: Path) -> Iterator[tuple[NeovimTyping, ThreadPoolExecutor]]:
    program = tmp_path / "bin/interfix"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\nexec {shlex.join([sys.executable, str(ORACLE)])}\n")
    program.chmod(0o755)
    (tmp_path / "known").write_text(PREFIX + TEXT + SUFFIX)
    environment = {
        "PATH": os.pathsep.join([str(program.parent), os.environ["PATH"]]),
        "KNOWN": str(tmp_path / "known"),
        "ACCEPTED": str(tmp_path / "accepted"),
    }
    workspace = tmp_path / "work"
    workspace.mkdir()
    (workspace / ".interfix.toml").touch()
    with ThreadPoolExecutor(max_workers=1) as worker:
        opened = open_neovim_typing(neovim_binary, tmp_path / "editor", environment, workspace)
        yield worker.submit(opened.__enter__).result(), worker
        worker.submit(opened.__exit__, None, None, None).result()


async def test_what_is_drawn_is_taken_and_the_text_is_as_meant(
    surface: tuple[NeovimTyping, ThreadPoolExecutor], tmp_path: Path
) -> None:
    editor, worker = surface
    site = TypingSite(Path("describe.py"), "python", PREFIX, TEXT, SUFFIX)
    document = EditorDocument(editor, worker, tmp_path / "work", site)
    session = TypingSession(document, site, random.Random(2))
    texts: list[tuple[str, str]] = []
    close_file = editor.close_file

    def note_text() -> None:
        texts.append(editor.read_text())
        close_file()

    editor.close_file = note_text  # type: ignore[method-assign]
    await session.run()
    stats = session.collect_stats()
    assert texts == [(PREFIX + TEXT, SUFFIX)]
    assert stats.right_whole > 0
    assert sum(stats.taken.values()) > 0
    assert document.press_count < len(TEXT)
    assert [key for key in document.keys if key.ghost_at is not None]
