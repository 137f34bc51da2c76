"""Names that exist nowhere are told of, and those that may exist are not."""

from dataclasses import replace

import pytest

from interfix.completion.hole import InfillHole
from interfix.completion.multiline_choice import SuggestionShape
from interfix.completion.unknown_names import find_unknown_names
from interfix.context.names.name_search import KnownNames
from interfix.guided_decoding_names import KnownType, NameGuide
from interfix.syntax.document import Document
from interfix.syntax.document_key import DocumentKey
from interfix.syntax.languages import load_languages
from interfix.syntax.notebook_script import NotebookCell, NotebookScript, place_cell

TEXT = """import os
from lib import helper


class Client:
    def run(self, callback):
        ‸
        self.retries = 1
"""
WORKSPACE = "close\nsend\n"


def find(
    text: str, code: str = TEXT, *, members: str = WORKSPACE, known: KnownNames | None = None, file: str = "a.py"
) -> tuple[str, ...]:
    before, _, after = code.partition("‸")
    hole = InfillHole.from_cursor(
        Document(f"file:///{file}", before + after).snapshot(), len(before), SuggestionShape.AUTO, explicit=True
    )
    return find_unknown_names(hole, text, known or KnownNames(), lambda: members, lambda name: name == "build_index")


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("return self.retry", ("retry",)),
        ("return self.retries", ()),
        ("return self.send(1)", ()),  # a member of something in the workspace
        ("self.fresh = 1", ()),  # it defines it
        ("self.fresh == 1", ("fresh",)),
        ("return make_client(1)", ("make_client",)),
        ("return helper(callback(1))", ()),
        ("return build_index(1)", ()),  # the workspace defines it
        ("return len(sorted(os.listdir()))", ()),
        ("def inner(x): return inner(x)", ()),
        ("return response.anything(1)", ()),  # of other objects nothing is known
        ("return 'self.retry and make_client(1)'", ()),
        ("pass  # self.retry", ()),
        ("if (yes): pass", ()),
        ("return self.__class__", ()),
        ("super().run(callback)", ()),
    ],
)
def test_what_exists_nowhere(text: str, unknown: tuple[str, ...]) -> None:
    assert find(text) == unknown


def test_a_name_of_another_cell_is_known() -> None:
    python = load_languages().find_by_folder("python")
    assert python is not None
    cells = [NotebookCell(b"def price(n):\n    return n\n"), NotebookCell(b"total = "), NotebookCell(b"tax = make_tax(1)\n")]
    script = NotebookScript("file:///lab.ipynb", "/lab.ipynb", DocumentKey("file:///lab.ipynb"), python)
    cell = Document("vscode-notebook-cell:/lab.ipynb#W1s", "total = ", language_id="python").snapshot()
    alone = InfillHole.from_cursor(cell, 8, SuggestionShape.AUTO, explicit=True)
    hole = InfillHole.from_cursor(
        replace(cell, cell_place=place_cell(cells, 1, script, python)), 8, SuggestionShape.AUTO, explicit=True
    )
    for text, name in (("price(2)", "price"), ("make_tax(2)", "make_tax")):
        assert find_unknown_names(alone, text, KnownNames(), lambda: WORKSPACE, lambda _: False) == (name,)
        assert find_unknown_names(hole, text, KnownNames(), lambda: WORKSPACE, lambda _: False) == ()


def test_without_an_index_nothing_is_judged() -> None:
    assert find("return self.retry", members="") == ()


def test_a_star_import_may_bring_any_function() -> None:
    assert find("return make_client(1)", "from lib import *\n\n‸\n") == ()


def test_what_is_offered_exists() -> None:
    guide = NameGuide(types={"T": KnownType(("retry",))})
    assert find("return self.retry", known=KnownNames(guide, ("server",))) == ()


def test_prose_and_other_languages_are_left_alone() -> None:
    assert find("return self.retry", '"""‸"""\n') == ()
    assert find("self.retry(1)", "‸\n", file="a.rb") == ()


@pytest.mark.parametrize(
    ("text", "foreign"),
    [
        ("send(1)", ()),
        ("close()", ("close",)),
        ("closed.x", ("closed",)),
        ("send(client.clos)", ("clos",)),
        ("close = 1", ()),  # it defines it
        ("__call__()", ()),
        ("sen", ("sen",)),
        ("send('client.close')", ()),
    ],
)
def test_members_that_a_known_object_is_not_known_to_have(text: str, foreign: tuple[str, ...]) -> None:
    guide = NameGuide(
        line="x = client.",
        cursor_type="T",
        types={"T": KnownType(("send", "__call__"), other_cost=3.0)},
        elsewhere=("close\n",),
        elsewhere_cost=2.0,
        uses="client close",
        other_use_cost=0.5,
    )
    code = TEXT.replace("callback", "callback, client, send, sen, clos, closed, x").replace("‸", "x = client.‸")
    assert find(text, code, members="close\nsend\n", known=KnownNames(guide)) == foreign
