"""What follows from diagnostics about imports: `next_edit/finders/unused_import.py` and `next_edit/finders/missing_import.py`."""

import pytest

from interfix.next_edit.certainty import load_certainty
from interfix.next_edit.edit_context import EditContext, EditorDiagnostic
from interfix.next_edit.edit_log import EditLog
from interfix.next_edit.gate import RefusedEdits
from interfix.next_edit.predictor import find_next_edit
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding, Snapshot


def make_next_edit(
    file: str, text: str, edit: tuple[str, str], place: str, message: str, others: tuple[Snapshot, ...] = ()
) -> str | None:
    """The text with the next edit made, after the first `edit[0]` was replaced and a server said something of `place`."""
    document, log = Document(f"file:///project/{file}", text), EditLog()
    before, at = document.snapshot(), text.index(edit[0])
    line, column = text.count("\n", 0, at), at - (text.rfind("\n", 0, at) + 1)
    change = DocumentEdit((line, column), (line, column + len(edit[0])), edit[1])
    log.record(before, document.apply([change], 2, PositionEncoding.UTF32))
    snapshot = document.snapshot()
    start = snapshot.text.index(place)
    diagnostics = [EditorDiagnostic(start, start + len(place), message)]
    context = EditContext(snapshot, at + len(edit[1]), log.list_edits(), diagnostics=diagnostics, find_others=lambda _name: others)
    found = find_next_edit(context, load_certainty().threshold, RefusedEdits())
    if found is None:
        return None
    where = found.replacement
    return (snapshot.data[: where.start] + where.text + snapshot.data[where.end :]).decode()


UNUSED = [
    (
        "a.py",
        "import os\nimport sys\n\nprint(os.sep, sys.argv)\n",
        ("os.sep, ", ""),
        "os",
        "`os` imported but unused",
        "import os\n",
    ),
    (
        "a.py",
        "from shop import Cart, Price\n\nprint(Cart)\nprint(Price)\n",
        ("print(Cart)", "pass"),
        "Cart",
        '"Cart" is not accessed',
        "Cart, ",
    ),
    (
        "a.ts",
        'import { load, save } from "./files"\n\nload(1)\nsave(2)\n',
        ("save(2)", ""),
        "save",
        "'save' is declared but its value is never read.",
        ", save",
    ),
    (
        "a.go",
        'package a\n\nimport "os"\n\nvar x = os.Args\n',
        ("os.Args", "1"),
        '"os"',
        '"os" imported and not used',
        'import "os"\n',
    ),
]


@pytest.mark.parametrize(("file", "text", "edit", "place", "message", "gone"), UNUSED)
def test_an_import_goes_with_its_last_use(file: str, text: str, edit: tuple[str, str], place: str, message: str, gone: str) -> None:
    edited = text.replace(edit[0], edit[1], 1)
    assert make_next_edit(file, text, edit, place, message) == edited.replace(gone, "", 1)


@pytest.mark.parametrize(("file", "text", "edit", "place", "message"), [case[:-1] for case in UNUSED])
def test_an_import_stays_that_was_unused_before(file: str, text: str, edit: tuple[str, str], place: str, message: str) -> None:
    text = text.replace(edit[0], edit[1], 1) + "\nfirst\n"
    assert make_next_edit(file, text, ("first", "second"), place, message) is None


def test_an_import_stays_whose_name_is_still_used() -> None:
    text = "import os\n\nprint(os.sep)\nprint(os.name)\n"
    assert make_next_edit("a.py", text, ("print(os.sep)", "pass"), "os", "`os` imported but unused") is None


def open_other(text: str, name: str = "b.py") -> Snapshot:
    return Document(f"file:///project/{name}", text).snapshot()


TYPED = "import os\n\nvalue = os.sep\n"
TYPING = ("os.sep", "Cart(os.sep)")


def test_an_import_that_other_files_have_is_offered() -> None:
    others = (open_other("from shop.cart import Cart\n\nCart()\n"), open_other("from shop.cart import Cart\n", "c.py"))
    made = make_next_edit("a.py", TYPED, TYPING, "Cart", "undefined name 'Cart'", others)
    assert made == "import os\nfrom shop.cart import Cart\n\nvalue = Cart(os.sep)\n"


@pytest.mark.parametrize(
    "others",
    [
        (),
        ("from shop.cart import Cart\n", "from store import Cart\n"),
        ("from .cart import Cart\n",),
        ("from shop.cart import (\n    Cart,\n    Price,\n)\n",),
        ("class Cart: ...\n",),
    ],
)
def test_no_import_is_guessed(others: tuple[str, ...]) -> None:
    found = tuple(open_other(text, f"{number}.py") for number, text in enumerate(others))
    assert make_next_edit("a.py", TYPED, TYPING, "Cart", "undefined name 'Cart'", found) is None
