"""Many random edits in a row, in every encoding and line ending: text, lines and tree stay those of a plain string, parsed afresh.

`TEST_EDITS` says how many; the goal is 100,000.
"""

import os
import random

import pytest

from interfix.syntax import incremental_trees
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding, Snapshot
from interfix.syntax.languages import Language, load_languages
from tests.unit.syntax.edit_oracle import BLOCKS, CODE, LINE_ENDS, NO_LINE_ENDS, WIDE, compute_position, is_addressable, tree_shape

EDITS = int(os.environ.get("TEST_EDITS", "4000"))
EDITS_PER_ROUND = 50
CERTAIN_TEXTS = [
    "bash",
    "c",
    "cpp",
    "css",
    "html",
    "javascript",
    "json",
    "lua",
    "php",
    "python",
    "ruby",
    "rust",
    "sql",
    "typescript",
    "zig",
]
"""Languages whose examples are long enough to be parsed in stretches at nearly any place."""
PIECES = [*LINE_ENDS, *NO_LINE_ENDS, *WIDE, *CODE, *BLOCKS, "\ud83d", "\ude0b", "`${", "/*", "*/", "<script>", "{\r\n", "}"]


def join_surrogates(text: str) -> str:
    """Halves of a surrogate pair that stand side by side are one character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


@pytest.mark.parametrize("name", ["a.py", "a.ts", "a.html", "a.txt"])
@pytest.mark.parametrize("seed", range(max(1, EDITS // 4 // EDITS_PER_ROUND)))
def test_random_edits(name: str, seed: int) -> None:
    chance = random.Random(f"{name} {seed}")
    text = ""
    document = Document(f"file:///{name}", text)
    for version in range(EDITS_PER_ROUND):
        encoding = chance.choice(list(PositionEncoding))
        start = is_addressable(text, chance.randrange(len(text) + 1))
        end = max(start, is_addressable(text, min(len(text), start + chance.choice([0, 0, 0, 1, 2, 5, 40]))))
        new = "".join(chance.choices(PIECES, k=chance.choice([0, 1, 1, 1, 3, 8])))
        document.apply(
            [DocumentEdit(compute_position(text, start, encoding), compute_position(text, end, encoding), new)], version, encoding
        )
        text = join_surrogates(text[:start] + new + text[end:])
        snapshot, fresh = document.snapshot(), Document(f"file:///{name}", text).snapshot()
        assert snapshot.text == text
        assert snapshot.lines.starts.tolist() == fresh.lines.starts.tolist()
        assert snapshot.lines.lone_cr_starts.tolist() == fresh.lines.lone_cr_starts.tolist()
        assert snapshot.tree is None or tree_shape(snapshot.tree) == tree_shape(fresh.tree)


def list_nodes(snapshot: Snapshot) -> list[tuple[str, int, int]]:
    """All nodes that count, whichever tree they are in."""
    assert snapshot.trees is not None
    found = []
    for root, stretch in snapshot.trees.find_roots(0, len(snapshot.data)):
        pending = [root]
        while pending:
            node = pending.pop()
            pending.extend(node.children)
            if node != root and snapshot.trees.find_region(node.start_byte) is stretch:
                found.append((node.type, node.start_byte, node.end_byte))
    return sorted(found)


@pytest.mark.slow
@pytest.mark.parametrize("language", list(load_languages()), ids=lambda language: language.id)
def test_a_text_that_is_parsed_in_stretches(language: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is broken it is as if all had been parsed; and what was broken is mended when the text is."""
    monkeypatch.setattr(incremental_trees, "LONG_TEXT_BYTES", 100)
    monkeypatch.setattr(incremental_trees, "REGION_REACH_BYTES", 60)
    monkeypatch.setattr(incremental_trees, "MAX_CONTEXT_BYTES", 30)
    (file,) = language.folder.glob("example.*")
    text = file.read_text(encoding="utf-8")
    if Document(file.as_uri(), text * 3).snapshot().count_errors() == 0:
        text *= 3
    chance = random.Random(language.id)
    stretched = compared = 0
    for version in range(40):
        snapshot = Document(file.as_uri(), text).snapshot()
        assert snapshot.count_errors() == 0
        edits = []
        for _ in range(chance.choice([1, 2, 4])):
            start = chance.randrange(len(snapshot.data) + 1)
            new = chance.choice(["x", "1", "\n", " ", "(", "}", '"', "x y"])
            snapshot = snapshot.replace_range(start, start, new)
            edits.append((start, new))
            stretched += bool(snapshot.trees and snapshot.trees.regions)
            fresh = Document(file.as_uri(), snapshot.text, version).snapshot()
            if snapshot.count_errors() == fresh.count_errors() == 0:
                compared += 1
                assert list_nodes(snapshot) == list_nodes(fresh)
        for start, new in reversed(edits):
            snapshot = snapshot.replace_range(start, start + len(new), "")
        assert snapshot.count_errors() == 0
        assert list_nodes(snapshot) == list_nodes(Document(file.as_uri(), text).snapshot())
    assert compared > 0
    assert stretched > 5 or language.id not in CERTAIN_TEXTS
