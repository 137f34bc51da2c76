"""Many random edits in a row, in every encoding and line ending: text, lines and tree stay those of a plain string, parsed afresh.

`TEST_EDITS` says how many; the goal is 100,000.
"""

import os
import random

import pytest
from test_document_properties import BLOCKS, CODE, LINE_ENDS, NO_LINE_ENDS, WIDE, addressable, position_of, shape

from interfix.syntax import trees
from interfix.syntax.document import Document, Edit, Encoding, Snapshot
from interfix.syntax.languages import Language, languages

EDITS = int(os.environ.get("TEST_EDITS", "4000"))
ROUND = 50
SURE = ["bash", "c", "cpp", "css", "html", "javascript", "json", "lua", "php", "python", "ruby", "rust", "sql", "typescript", "zig"]
"""Languages whose examples are long enough to be parsed in stretches at nearly any place."""
PIECES = [*LINE_ENDS, *NO_LINE_ENDS, *WIDE, *CODE, *BLOCKS, "\ud83d", "\ude0b", "`${", "/*", "*/", "<script>", "{\r\n", "}"]


def joined(text: str) -> str:
    """Halves of a surrogate pair that stand side by side are one character."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


@pytest.mark.parametrize("name", ["a.py", "a.ts", "a.html", "a.txt"])
@pytest.mark.parametrize("seed", range(max(1, EDITS // 4 // ROUND)))
def test_random_edits(name: str, seed: int) -> None:
    chance = random.Random(f"{name} {seed}")
    text = ""
    document = Document(f"file:///{name}", text)
    for version in range(ROUND):
        encoding = chance.choice(list(Encoding))
        start = addressable(text, chance.randrange(len(text) + 1))
        end = max(start, addressable(text, min(len(text), start + chance.choice([0, 0, 0, 1, 2, 5, 40]))))
        new = "".join(chance.choices(PIECES, k=chance.choice([0, 1, 1, 1, 3, 8])))
        document.apply([Edit(position_of(text, start, encoding), position_of(text, end, encoding), new)], version, encoding)
        text = joined(text[:start] + new + text[end:])
        snapshot, fresh = document.snapshot(), Document(f"file:///{name}", text).snapshot()
        assert snapshot.text == text
        assert snapshot.lines.starts.tolist() == fresh.lines.starts.tolist()
        assert snapshot.lines.lone.tolist() == fresh.lines.lone.tolist()
        assert snapshot.tree is None or shape(snapshot.tree) == shape(fresh.tree)


def nodes(snapshot: Snapshot) -> list[tuple[str, int, int]]:
    """All nodes that count, whichever tree they are in."""
    assert snapshot.trees is not None
    found = []
    for root, stretch in snapshot.trees.roots(0, len(snapshot.data)):
        pending = [root]
        while pending:
            node = pending.pop()
            pending.extend(node.children)
            if node != root and snapshot.trees.stretch(node.start_byte) is stretch:
                found.append((node.type, node.start_byte, node.end_byte))
    return sorted(found)


@pytest.mark.parametrize("language", list(languages()), ids=lambda language: language.id)
def test_a_text_that_is_parsed_in_stretches(language: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is broken it is as if all had been parsed; and what was broken is mended when the text is."""
    monkeypatch.setattr(trees, "LONG", 100)
    monkeypatch.setattr(trees, "REACH", 60)
    monkeypatch.setattr(trees, "CONTEXT", 30)
    (file,) = language.folder.glob("example.*")
    text = file.read_text(encoding="utf-8")
    if Document(file.as_uri(), text * 3).snapshot().errors() == 0:
        text *= 3
    chance = random.Random(language.id)
    stretched = compared = 0
    for version in range(40):
        snapshot = Document(file.as_uri(), text).snapshot()
        assert snapshot.errors() == 0
        edits = []
        for _ in range(chance.choice([1, 2, 4])):
            start = chance.randrange(len(snapshot.data) + 1)
            new = chance.choice(["x", "1", "\n", " ", "(", "}", '"', "x y"])
            snapshot = snapshot.replaced(start, start, new)
            edits.append((start, new))
            stretched += bool(snapshot.trees and snapshot.trees.stretches)
            fresh = Document(file.as_uri(), snapshot.text, version).snapshot()
            if snapshot.errors() == fresh.errors() == 0:
                compared += 1
                assert nodes(snapshot) == nodes(fresh)
        for start, new in reversed(edits):
            snapshot = snapshot.replaced(start, start + len(new), "")
        assert snapshot.errors() == 0
        assert nodes(snapshot) == nodes(Document(file.as_uri(), text).snapshot())
    assert compared > 0
    assert stretched > 5 or language.id not in SURE
