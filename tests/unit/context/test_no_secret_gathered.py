"""Every planted secret around the cursor and in other files, with every source and the real index: none is gathered or kept.

About `context/gatherer.py`.
"""

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from interfix.config.settings import ContextSettings
from interfix.context.exclusion import Exclusion
from interfix.context.gatherer import GatheredContext, Gatherer
from interfix.context.index import WorkspaceIndex
from interfix.context.sources import SOURCES
from interfix.context.workspace_reader import Workspace
from interfix.syntax.document import Document
from tests.effort import take_share
from tests.secret_samples import SecretSample, generate_samples

PLANTED = tuple(generate_samples())
A_FILE = 12
"""Secrets in a file."""
SETTINGS = ContextSettings(limit_ms=10_000)
GROUPS = [PLANTED[first : first + A_FILE] for first in range(0, len(PLANTED), A_FILE)]


def list_parts(case: SecretSample) -> list[str]:
    """What must not be seen: each line of the secret, and its halves, between which a cursor may stand."""
    lines = [line for line in re.split(r"\n|\\n", case.secret) if len(line) >= 4]
    halves = [half for line in lines if len(line) >= 20 for half in (line[: len(line) // 2], line[len(line) // 2 :])]
    return lines + halves


def find_leaks(text: str, cases: Iterable[SecretSample]) -> list[str]:
    return [f"{case.shape}: {case.text!r}" for case in cases if any(part in text for part in list_parts(case))]


def make_functions(cases: Iterable[SecretSample], stem: str) -> str:
    """A file with each secret among definitions."""
    return "\n\n".join(
        f"def {stem}_{i}(value):\n    return value\n\n\n{case.text}\n\n\nclass {stem.title()}{i}(Base):\n    value = {i}\n"
        for i, case in enumerate(cases)
    )


def join_shown_text(found: GatheredContext) -> str:
    return "\n".join(f"{segment.path}\n{segment.text}\n{segment.brief}" for segment in found.segments)


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("STATE", "CACHE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))


@pytest.mark.parametrize("number", range(len(GROUPS)))
@pytest.mark.parametrize("window", ["syntax", "plain"])
async def test_no_source_gathers_a_secret(tmp_path: Path, number: int, window: str) -> None:
    own, other = GROUPS[number], GROUPS[(number + 1) % len(GROUPS)]
    root = tmp_path / "project"
    root.mkdir()
    (root / "helper.py").write_text(make_functions(other, "task"))
    text = "from helper import *\n\n\n" + make_functions(own, "own") + "\n\n\nresult = task_1(Task2().value)\n"
    (root / "main.py").write_text(text)
    settings = ContextSettings(limit_ms=10_000, window=window)  # type: ignore[arg-type]
    space = Workspace(root, Exclusion(root, settings))
    gatherer = Gatherer(settings, 4096, lambda _: space, SOURCES)
    found: set[str] = set()
    places = [text.index(case.text) + shift for case in own for shift in (0, len(case.text) // 2, len(case.text))]
    for place in take_share((*places, len(text) - 1)):
        snapshot = Document((root / "main.py").as_uri(), text).snapshot()
        gathered = await gatherer.gather(snapshot, len(text[:place].encode()), root, explicit=True)
        found.update(find_leaks(join_shown_text(gathered), (*own, *other)))
    gatherer.close()
    assert sorted(found) == []


@pytest.mark.slow
async def test_the_index_keeps_no_secret_and_answers_with_none(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    for number, cases in enumerate(GROUPS):
        (root / f"part_{number}.py").write_text(make_functions(cases, "task"))
    index = WorkspaceIndex(root, Exclusion(root, SETTINGS), tmp_path / "index")
    await index.start()
    try:
        async with asyncio.timeout(60):
            while (await index.wait_for_status()).files < len(GROUPS):
                pass
        answers = "\n".join(index.read_skeleton(f"part_{number}.py") for number in range(len(GROUPS)))
        answers += "\n".join(each.text for case in PLANTED for each in index.find_similar(case.text))
        kept = b"".join(file.read_bytes() for file in (tmp_path / "index").iterdir() if file.is_file())
    finally:
        await index.close()
    assert find_leaks(answers, PLANTED) == []
    assert find_leaks(kept.decode("utf-8", "replace"), PLANTED) == []
