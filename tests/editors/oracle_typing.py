"""Typing beside a server that knows what is to come, for tests of the editors that the typist types into."""

import asyncio
import os
import random
import shlex
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType

from interfix.bench.typing_session import TypingSession, TypingStats
from interfix.bench.typing_sites import TypingSite
from tests.bench.editor_document import EditorDocument
from tests.editors.typing_surface import TypingSurface

PREFIX = "def describe(items):\n    "
TEXT = 'names = [item.name for item in items]\n    if not names:\n        return "nothing"\n    return ", ".join(names)'
SUFFIX = "\n\n\nprint(describe([]))\n"

_ORACLE = Path(__file__).parents[1] / "unit/bench/fake_oracle_server.py"


def install_oracle(folder: Path) -> dict[str, str]:
    """What an environment needs to have a server that knows the text as its `interfix`."""
    program = folder / "bin/interfix"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\nexec {shlex.join([sys.executable, str(_ORACLE)])}\n")
    program.chmod(0o755)
    (folder / "known").write_text(PREFIX + TEXT + SUFFIX)
    path = os.pathsep.join([str(program.parent), os.environ["PATH"]])
    return {"PATH": path, "KNOWN": str(folder / "known"), "ACCEPTED": str(folder / "accepted")}


class OracleDocument(EditorDocument):
    """Keeps what stands in the editor at its end."""

    final_text = "", ""
    """Before the cursor and after it."""

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.final_text = self._surface_call(self._surface.read_text)
        super().__exit__(kind, error, trace)


def check_typing(window: AbstractContextManager[TypingSurface], workspace: Path) -> None:
    """Type beside the oracle in an editor: what is drawn is taken, and the text is as meant."""
    document, stats = type_beside_oracle(window, workspace)
    assert document.final_text == (PREFIX + TEXT, SUFFIX)
    assert stats.right_whole > 0
    assert sum(stats.taken.values()) > 0
    assert document.press_count < len(TEXT)
    assert [key for key in document.keys if key.ghost_at is not None]


def type_beside_oracle(window: AbstractContextManager[TypingSurface], workspace: Path) -> tuple[OracleDocument, TypingStats]:
    """Open the editor and type the text into a file of the workspace; what came of it."""

    async def type_text(surface: TypingSurface) -> tuple[OracleDocument, TypingStats]:
        site = TypingSite(Path("describe.py"), "python", PREFIX, TEXT, SUFFIX)
        document = OracleDocument(surface, worker, workspace, site)
        session = TypingSession(document, site, random.Random(2))
        await session.run()
        return document, session.collect_stats()

    (workspace / ".interfix.toml").touch()
    with ThreadPoolExecutor(max_workers=1) as worker:
        surface = worker.submit(window.__enter__).result()
        try:
            return asyncio.run(type_text(surface))
        finally:
            worker.submit(window.__exit__, None, None, None).result()
