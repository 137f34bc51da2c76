"""The index against real folders: what is found, and with its real worker, that it stays true."""

import asyncio
import json
import os
import sqlite3
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from interfix.config.private_files import make_private_folder
from interfix.config.settings import ContextSettings
from interfix.context.exclusion import Exclusion
from interfix.context.index import WorkspaceIndex, writer
from interfix.context.index.file_extraction import extract_record
from interfix.context.index.records import FileStamp
from interfix.context.index.updater import IndexUpdater
from interfix.context.index.writer import IndexStore, locate_database
from interfix.context.named_definitions_chunk import look_up_definitions
from interfix.context.skeletons import CodeStructure, find_code_scopes, read_structure
from interfix.context.type_inference import RECEIVER_WEIGHT
from interfix.context.workspace_reader import Workspace
from interfix.masking import find_secrets
from interfix.syntax.document import open_file
from tests.secret_samples import generate_samples
from tests.unit.system.file_traps import TRAPS

EXAMPLES = sorted((Path(__file__).parents[3] / "grammars").glob("*/example.*"))
SHAPES = '''"""Shapes."""
import math


class Circle:
    """Round."""

    radius: float

    def area(self) -> float:
        """How much it covers."""
        return math.pi * self.radius ** 2


def total(shapes):
    return sum(shape.area() for shape in shapes)
'''

Open = Callable[[], Awaitable[WorkspaceIndex]]
Build = Callable[[], WorkspaceIndex]


@pytest.fixture(autouse=True)
def isolated_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in ("STATE", "CACHE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{kind}_HOME", str(tmp_path / kind.lower()))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "shapes.py").write_text(SHAPES)
    return root


@pytest.fixture
async def open_index(root: Path, tmp_path: Path) -> AsyncIterator[Open]:
    opened: list[WorkspaceIndex] = []

    async def open_one() -> WorkspaceIndex:
        index = WorkspaceIndex(root, Exclusion(root, ContextSettings()), tmp_path / "index")
        opened.append(index)
        await index.start()
        return index

    yield open_one
    for index in opened:
        await index.close()


@pytest.fixture
def build_index(root: Path, tmp_path: Path) -> Iterator[Build]:
    """The index of the folder as it is, made without a worker."""
    opened: list[WorkspaceIndex] = []

    def build_one() -> WorkspaceIndex:
        exclusion = Exclusion(root, ContextSettings())
        store = IndexStore(make_private_folder(tmp_path / "index") / locate_database(root, tmp_path / "index").name)
        IndexUpdater(root, exclusion, store).update_all(lambda _: None)
        store.close()
        opened.append(WorkspaceIndex(root, exclusion, tmp_path / "index"))
        return opened[-1]

    yield build_one
    for index in opened:
        asyncio.run(index.close())


async def wait_until(index: WorkspaceIndex, true: Callable[[], bool]) -> None:
    """Wait for the worker's news until something holds."""
    async with asyncio.timeout(60):
        while not true():
            await index.wait_for_status()


async def wait_until_ready(index: WorkspaceIndex) -> None:
    await wait_until(index, lambda: index.status.ready)


def find_definition(index: WorkspaceIndex, name: str) -> list[str]:
    return [found.path for found in index.find_definitions([name])]


def test_definitions_are_found_with_their_signatures(build_index: Build) -> None:
    index = build_index()
    circle, area = index.find_definitions(["Circle", "area", "nothing"])
    assert (circle.path, circle.kind, circle.line) == ("shapes.py", "class", 4)
    assert circle.skeleton == (
        'class Circle:\n    """Round."""\n\n    radius: float\n\n    def area(self) -> float:\n        """How much it covers."""'
    )
    assert area.skeleton == '    def area(self) -> float:\n        """How much it covers."""'


def test_a_skeleton_is_the_file_without_bodies(build_index: Build) -> None:
    index = build_index()
    skeleton = index.read_skeleton("shapes.py")
    assert "import math" in skeleton
    assert "def total(shapes): ..." in skeleton
    assert "math.pi" not in skeleton
    assert index.read_skeleton("other.py") == ""


def test_similar_code_is_found_by_its_rare_words(build_index: Build, root: Path) -> None:
    (root / "noise.py").write_text("".join(f"def f{i}(self):\n    return self.value{i}\n\n\n" for i in range(300)))
    index = build_index()
    best = index.find_similar("surface = math.pi * circle.radius ** 2", limit=1)
    assert [(passage.path, passage.line) for passage in best] == [("shapes.py", 0)]
    assert "self.radius ** 2" in best[0].text
    assert index.find_similar("!? -- 1") == []


async def test_it_follows_changes_renames_and_deletions(open_index: Open, root: Path) -> None:
    index = await open_index()
    await wait_until_ready(index)
    (root / "more.py").write_text("def added(): pass\n")
    await wait_until(index, lambda: find_definition(index, "added") == ["more.py"])
    (root / "more.py").write_text("def changed(): pass\n")
    await wait_until(index, lambda: find_definition(index, "changed") == ["more.py"] and not find_definition(index, "added"))
    (root / "more.py").rename(root / "moved.py")
    await wait_until(index, lambda: find_definition(index, "changed") == ["moved.py"])
    (root / "moved.py").unlink()
    await wait_until(index, lambda: not find_definition(index, "changed"))


@pytest.mark.slow
async def test_it_follows_whole_folders(open_index: Open, root: Path) -> None:
    index = await open_index()
    await wait_until_ready(index)
    (root / "package" / "deep").mkdir(parents=True)
    (root / "package" / "deep" / "code.py").write_text("def far(): pass\n")
    await wait_until(index, lambda: find_definition(index, "far") == ["package/deep/code.py"])
    (root / "package" / "deep" / "more.py").write_text("def further(): pass\n")
    await wait_until(index, lambda: find_definition(index, "further") == ["package/deep/more.py"])
    (root / "package").rename(root / "renamed")
    await wait_until(index, lambda: find_definition(index, "far") == ["renamed/deep/code.py"])


@pytest.mark.slow
async def test_what_an_editor_tells_of_is_looked_at(open_index: Open, root: Path) -> None:
    index = await open_index()
    await wait_until_ready(index)
    (root / "saved.py").write_text("def saved(): pass\n")
    index.refresh_paths([root / "saved.py"])
    await wait_until(index, lambda: find_definition(index, "saved") == ["saved.py"])


@pytest.mark.slow
async def test_a_branch_switch_is_followed(open_index: Open, root: Path) -> None:
    def git(*arguments: str) -> None:
        who = ("-c", "user.name=T", "-c", "user.email=t@localhost", "-c", "init.defaultBranch=main")
        subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)

    git("init")
    git("add", ".")
    git("commit", "-m", "one")
    git("checkout", "-b", "other")
    (root / "shapes.py").write_text("def square(): pass\n")
    (root / "only_here.py").write_text("def only_here(): pass\n")
    git("add", ".")
    git("commit", "-m", "two")
    index = await open_index()
    await wait_until_ready(index)
    assert find_definition(index, "square") == ["shapes.py"]
    git("checkout", "main")
    await wait_until(index, lambda: find_definition(index, "Circle") == ["shapes.py"] and not find_definition(index, "only_here"))
    assert not find_definition(index, "square")
    git("checkout", "other")
    await wait_until(
        index, lambda: find_definition(index, "only_here") == ["only_here.py"] and not find_definition(index, "Circle")
    )


@pytest.mark.slow
async def test_an_ignore_file_takes_files_out_at_once_and_for_good(open_index: Open, root: Path) -> None:
    index = await open_index()
    await wait_until_ready(index)
    before = index.status.files
    (root / ".gitignore").write_text("shapes.py\n")
    assert find_definition(index, "Circle") == []
    await wait_until(index, lambda: index.status.files == before - 1)
    (root / ".gitignore").unlink()
    await wait_until(index, lambda: find_definition(index, "Circle") == ["shapes.py"])


@pytest.mark.slow
async def test_it_outlives_its_session_and_reads_only_what_changed(open_index: Open, root: Path, tmp_path: Path) -> None:
    (root / "stale.py").write_text("def stale(): pass\n")
    index = await open_index()
    await wait_until_ready(index)
    await index.close()
    (root / "stale.py").write_text("def fresh(): pass\n")
    file = locate_database(root, tmp_path / "index")
    with sqlite3.connect(file) as connection:
        # Only a file that is read again would lose this mark.
        connection.execute("UPDATE definitions SET kind = 'marked'")
    again = await open_index()
    await wait_until(again, lambda: find_definition(again, "fresh") == ["stale.py"])
    assert not find_definition(again, "stale")
    assert {found.kind for found in again.find_definitions(["Circle"])} == {"marked"}
    assert {found.kind for found in again.find_definitions(["fresh"])} == {"function"}


@pytest.mark.slow
async def test_two_servers_share_one_index(open_index: Open, root: Path) -> None:
    first, second = await open_index(), await open_index()
    await wait_until_ready(first)
    assert find_definition(second, "Circle") == ["shapes.py"]
    (root / "one.py").write_text("def one(): pass\n")
    second.refresh_paths([root / "one.py"])
    await wait_until(second, lambda: find_definition(second, "one") == ["one.py"])
    await first.close()
    (root / "two.py").write_text("def two(): pass\n")
    await wait_until(second, lambda: find_definition(second, "two") == ["two.py"])


@pytest.mark.parametrize("when", ["before", "meanwhile"])
@pytest.mark.slow
async def test_a_damaged_database_is_built_anew(open_index: Open, root: Path, tmp_path: Path, when: str) -> None:
    index = await open_index()
    await wait_until_ready(index)
    file = locate_database(root, tmp_path / "index")
    if when == "before":
        await index.close()
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    data = bytearray(file.read_bytes())
    data[100:] = bytes(len(data) - 100)
    file.write_bytes(data)
    if when == "before":
        index = await open_index()
    await wait_until(index, lambda: find_definition(index, "Circle") == ["shapes.py"])
    log = next((tmp_path / "state").rglob("index.log")).read_text()
    assert "is damaged and is built anew" in log


def test_no_secret_is_written_to_the_database(build_index: Build, root: Path, tmp_path: Path) -> None:
    secret = "gh" + "p_" + "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xYzAb1"
    (root / "uses.py").write_text(f'def connect():\n    return login("{secret}")\n')
    (root / ".env").write_text(f"TOKEN={secret}\n")
    index = build_index()
    assert "login" in index.find_similar("return login(user)")[0].text
    asyncio.run(index.close())
    written = b"".join(path.read_bytes() for path in (tmp_path / "index").iterdir())
    assert secret.encode() not in written


@pytest.mark.slow
async def test_a_notebook_is_its_code_and_nothing_of_its_outputs(open_index: Open, root: Path, tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": ["!ls\n", "def price(amount):\n", "    return 2 * amount\n"], "metadata": {}}
    printed = {"output_type": "stream", "text": ["outpourings of a cell"]}
    (root / "lab.ipynb").write_text(json.dumps({"cells": [{**cell, "outputs": [printed]}], "nbformat": 4}))
    (root / "broken.ipynb").write_text("outpourings of no notebook")
    index = await open_index()
    await wait_until_ready(index)
    (found,) = index.find_definitions(["price"])
    assert (found.path, found.line) == ("lab.ipynb", 2)
    assert index.find_similar("outpourings") == []
    await index.close()
    assert not any(b"outpourings" in file.read_bytes() for file in (tmp_path / "index").rglob("*") if file.is_file())


async def test_an_untrusted_workspace_has_none(root: Path, tmp_path: Path) -> None:
    index = WorkspaceIndex(root, Exclusion(root, ContextSettings(), trusted=False), tmp_path / "index")
    await index.start()
    assert index.find_definitions(["Circle"]) == []
    assert not (tmp_path / "index").exists()
    await index.close()


@pytest.mark.slow
async def test_what_an_earlier_version_kept_is_deleted(root: Path, tmp_path: Path, open_index: Open) -> None:
    current = locate_database(root, tmp_path / "index")
    current.parent.mkdir()
    older = current.with_name(current.name.rpartition("-")[0] + "-1.sqlite")
    for file in (older, older.with_name(f"{older.name}-wal"), current.with_name("0123-1.sqlite")):
        file.write_bytes(b"x")
    await wait_until_ready(await open_index())
    assert sorted(file.name for file in current.parent.glob("*-1.sqlite*")) == ["0123-1.sqlite"]


SECRETS = "\n".join(sample.text for sample in list(generate_samples())[:40])


def test_where_secrets_are_is_known_of_the_bytes_that_were_read(root: Path, build_index: Build) -> None:
    (root / "secrets.py").write_text(f"# é\n{SECRETS}\n")
    (root / "made.py").write_text(f"# Code generated by a program. DO NOT EDIT.\n{SECRETS}\n")
    index, data = build_index(), (root / "secrets.py").read_bytes()
    assert index.read_secrets("secrets.py", data) == find_secrets(data.decode())
    assert index.read_secrets("shapes.py", (root / "shapes.py").read_bytes()) == []
    assert index.read_secrets("secrets.py", data + b"\n") is None
    assert index.read_secrets("shapes.py", data) is None
    assert index.read_secrets("made.py", (root / "made.py").read_bytes()) is None


@pytest.mark.parametrize("prefix", ["", "\ufeff", "# ä𝒳 é\n"])
def test_a_file_is_masked_with_the_index_as_without(root: Path, build_index: Build, prefix: str) -> None:
    (root / "secrets.py").write_text(f"{prefix}{SECRETS}\n", encoding="utf-8")
    exclusion = Exclusion(root, ContextSettings())
    with_index, without = Workspace(root, exclusion, build_index()), Workspace(root, exclusion)
    for path, is_masked in (("secrets.py", True), ("shapes.py", False)):
        masked, wanted = with_index.read(path), without.read(path)
        assert masked is not None
        assert wanted is not None
        assert masked.data == wanted.data
        assert (masked.data != (root / path).read_bytes().removeprefix(b"\xef\xbb\xbf")) is is_masked


def test_the_structure_is_known_of_the_bytes_that_were_read(root: Path, build_index: Build) -> None:
    index, snapshot = build_index(), open_file(root / "shapes.py").snapshot()
    assert index.read_structure("shapes.py", snapshot.data) == read_structure(snapshot)
    assert index.read_structure("shapes.py", snapshot.data + b"\n") is None


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.parent.name)
def test_definitions_are_shown_with_the_index_as_by_a_parse(example: Path) -> None:
    class Index:
        def read_structure(self, path: str, data: bytes) -> CodeStructure:
            kept = msgspec.msgpack.encode(extract_record(path, data, FileStamp(0, 0)).structure)
            return msgspec.msgpack.decode(kept, type=CodeStructure)

    index: WorkspaceIndex = Index()  # type: ignore[assignment]
    shown, parsed = (open_file(example).snapshot() for _ in range(2))
    for scope in find_code_scopes(parsed).scopes:
        for weight in (0.5, RECEIVER_WEIGHT):
            weights = {scope.name: weight}
            found = look_up_definitions(example.name, shown, weights, index)
            assert found == look_up_definitions(example.name, parsed, weights, None)
            assert found is not None


def test_an_index_of_other_rules_is_another_one(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = locate_database(root, tmp_path)
    monkeypatch.setattr(writer, "compute_rules_version", lambda: "00000000")
    assert locate_database(root, tmp_path) != before


def set_traps(root: Path) -> None:
    for number, make in enumerate(TRAPS.values()):
        make(root / f"trap{number}.py")
    (root / os.fsdecode(b"caf\xe9.py")).write_text("def cafe(): pass\n")


def fill_with_traps(root: Path) -> None:
    """All that may lie in a folder, and two files that can be indexed."""
    set_traps(root)
    (root / os.fsdecode(b"d\xe9")).mkdir()
    (root / os.fsdecode(b"d\xe9") / "below.py").write_text("def below(): pass\n")
    (root / "pkg").mkdir()
    (root / "pkg" / ".gitignore").symlink_to("/dev/zero")
    (root / "pkg" / "kept.py").write_text("def kept():\n    return 1\n")
    os.mkfifo(root / ".ignore")


@pytest.mark.skipif(os.name == "nt", reason="FIFOs, devices and links of POSIX")
def test_whatever_else_lies_in_the_folder_the_files_are_indexed(root: Path, build_index: Build) -> None:
    fill_with_traps(root)
    assert {found.path for found in build_index().find_definitions(["Circle", "kept"])} == {"shapes.py", "pkg/kept.py"}


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="FIFOs, devices and links of POSIX")
async def test_whatever_else_lies_in_the_folder_it_is_watched(root: Path, open_index: Open) -> None:
    fill_with_traps(root)
    index = await open_index()
    await wait_until(index, lambda: index.status.current)
    assert {found.path for found in index.find_definitions(["Circle", "kept"])} == {"shapes.py", "pkg/kept.py"}
    (root / "pkg" / "later.py").write_text("def later():\n    return 1\n")
    await wait_until(index, lambda: bool(index.find_definitions(["later"])))


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="FIFOs, devices and links of POSIX")
async def test_traps_that_appear_while_a_folder_is_watched_end_nothing(root: Path, open_index: Open) -> None:
    index = await open_index()
    await wait_until(index, lambda: index.status.current)
    set_traps(root)
    (root / "later.py").write_text("def later():\n    return 1\n")
    index.refresh_paths([root / os.fsdecode(b"caf\xe9.py"), *(root / f"trap{n}.py" for n in range(len(TRAPS))), root / "later.py"])
    await wait_until(index, lambda: bool(index.find_definitions(["later"])))
