"""What follows in other files of the workspace. About `find_edit_elsewhere` in `next_edit/predictor.py`."""

from pathlib import Path

import pytest

from interfix.next_edit.certainty import load_certainty
from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.edit_log import EditLog
from interfix.next_edit.gate import RefusedEdits
from interfix.next_edit.next_edit_types import Replacement
from interfix.next_edit.predictor import find_edit_elsewhere, find_next_edit
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding, Snapshot
from tests.unit.context.workspace_builder import build_visibility_finder

PYTHON = "def compute(amount, currency, rebate):\n    return amount * rebate\n"
TYPESCRIPT = "export function copy(from: string, to: string): void {\n  run(from, to)\n}\n"


def follow(root: Path, file: str, text: str, edit: tuple[str, str], other: tuple[str, str]) -> str:
    """The text of another file of the folder with what follows there made."""
    see = build_visibility_finder(root, {f"shop/{file}": text, other[0]: other[1]})
    document, log = Document((root / "shop" / file).as_uri(), text), EditLog()
    before = document.snapshot()
    at = text.index(edit[0])
    change = DocumentEdit((0, at), (0, at + len(edit[0])), edit[1])
    log.record(before, document.apply([change], 2, PositionEncoding.UTF32))
    others = [Document((root / other[0]).as_uri(), other[1]).snapshot()]
    context = EditContext(
        document.snapshot(), at + len(edit[1]), log.list_edits(), find_others=lambda _name: others, find_visibility=see
    )
    found = find_edit_elsewhere(context, load_certainty().threshold, RefusedEdits())
    if found is None:
        return other[1]
    snapshot, ranked = found
    return apply(snapshot, ranked.replacement)


def apply(snapshot: Snapshot, place: Replacement) -> str:
    """The text with a replacement made."""
    return (snapshot.data[: place.start] + place.text + snapshot.data[place.end :]).decode()


@pytest.mark.parametrize(
    ("file", "text", "edit", "other", "after"),
    [
        (
            "price.py",
            PYTHON,
            (", currency", ""),
            ("main.py", 'from shop.price import compute\n\n\ndef main():\n    print(compute(1, "EUR", rebate=2))\n'),
            "from shop.price import compute\n\n\ndef main():\n    print(compute(1, rebate=2))\n",
        ),
        (
            "files.ts",
            TYPESCRIPT,
            ("from: string, to: string", "to: string, from: string"),
            ("main.ts", 'import { copy } from "./shop/files";\n\ncopy(a, b(1, 2));\n'),
            'import { copy } from "./shop/files";\n\ncopy(b(1, 2), a);\n',
        ),
    ],
)
def test_a_call_in_a_file_that_imports_the_function(
    tmp_path: Path, file: str, text: str, edit: tuple[str, str], other: tuple[str, str], after: str
) -> None:
    assert follow(tmp_path, file, text, edit, other) == after


RENAMED = "def print_mean(values):\n    print(sum(values) / len(values))\n"


@pytest.mark.parametrize(
    ("text", "edit", "other"),
    [
        (PYTHON, (", currency", ""), 'from price import compute\n\ncompute(1, "EUR", 2)\n'),
        (PYTHON, (", currency", ""), 'from price import compute\nprint(compute(1, "EUR", 2))\n'),
        (RENAMED, ("print_mean", "show_mean"), "from price import print_mean\n\nprint_mean([1, 2])\n"),
        (RENAMED, ("print_mean", "show_mean"), "from price import scale, print_mean\n\nprint_mean([1, 2])\n"),
    ],
)
def test_who_goes_to_the_place_finds_the_edit_there(tmp_path: Path, text: str, edit: tuple[str, str], other: str) -> None:
    see = build_visibility_finder(tmp_path, {"price.py": text, "main.py": other})
    document, log = Document((tmp_path / "price.py").as_uri(), text), EditLog()
    before, at = document.snapshot(), text.index(edit[0])
    change = DocumentEdit((0, at), (0, at + len(edit[0])), edit[1])
    log.record(before, document.apply([change], 2, PositionEncoding.UTF32))
    there, model = Document((tmp_path / "main.py").as_uri(), other).snapshot(), load_certainty()
    context = EditContext(
        document.snapshot(), at + len(edit[1]), log.list_edits(), find_others=lambda _name: [there], find_visibility=see
    )
    found = find_edit_elsewhere(context, model.threshold, RefusedEdits())
    assert found is not None
    place = found[1].replacement
    gone = EditContext(there, place.start, log.list_edits(), opened=[document.snapshot()], find_visibility=see)
    offered = find_next_edit(gone, model.threshold, RefusedEdits())
    assert offered is not None
    assert apply(there, offered.replacement) == apply(there, place)


@pytest.mark.parametrize(
    "other",
    [
        'from stock.goods import compute\n\n\nprint(compute(1, "EUR", 2))\n',  # another function of the name
        'def compute(a, b, c):\n    return a\n\n\nprint(compute(1, "EUR", 2))\n',
        "from shop.price import compute\n\n\nprint(compute(1, 2))\n",  # fits neither
        "from shop.price import compute\n\n\nprint(compute(*values))\n",
    ],
)
def test_what_may_be_another_function_stays(tmp_path: Path, other: str) -> None:
    assert follow(tmp_path, "price.py", PYTHON, (", currency", ""), ("main.py", other)) == other


def test_the_calls_of_several_files_are_gone_through_by_accepting(tmp_path: Path) -> None:
    main = 'from shop.price import compute\n\n\nprint(compute(1, "EUR", 2))\nprint(compute(3, "EUR", 4))\n'
    other = 'from shop.price import compute\n\nprint(compute(5, "EUR", 6))\n'
    files = {"shop/price.py": PYTHON, "main.py": main, "other.py": other}
    see = build_visibility_finder(tmp_path, files)
    documents = [Document((tmp_path / path).as_uri(), text) for path, text in files.items()]
    log, document, cursor = EditLog(), documents[0], PYTHON.index(", currency")
    change, suggested = DocumentEdit((0, cursor), (0, cursor + len(", currency")), ""), False
    for _ in range(4):
        before = document.snapshot()
        log.record(before, document.apply([change], before.version + 1, PositionEncoding.UTF32), suggested=suggested)
        snapshot = document.snapshot()
        others = [each.snapshot() for each in documents if each is not document]
        context = EditContext(
            snapshot, cursor, log.list_edits(), opened=others,
            find_others=lambda _name, others=others: others, find_visibility=see,
        )  # fmt: skip
        here = find_next_edit(context, load_certainty().threshold, RefusedEdits())
        found = (snapshot, here) if here else find_edit_elsewhere(context, load_certainty().threshold, RefusedEdits())
        if found is None:
            break
        target, place = found[0], found[1].replacement
        document = next(each for each in documents if each.snapshot().uri == target.uri)
        start, end = (target.to_position(at, PositionEncoding.UTF32) for at in (place.start, place.end))
        change, cursor, suggested = DocumentEdit(start, end, place.text.decode()), place.start + len(place.text), True
    assert [each.snapshot().text for each in documents[1:]] == [main.replace(', "EUR"', ""), other.replace(', "EUR"', "")]
