"""About `next_edit/finders/closing_pair.py`: whatever element of a page gets another name, its other tag follows."""

from hypothesis import given, settings
from hypothesis import strategies as st

from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.edit_log import EditLog
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.finders import closing_pair
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding

Element = tuple[str, list["Element"]]
NAMES = st.sampled_from(["div", "p", "ul", "my-item", "b"])
ELEMENTS: st.SearchStrategy[list[Element]] = st.recursive(
    st.just([]), lambda inner: st.lists(st.tuples(NAMES, inner), min_size=1, max_size=3), max_leaves=8
)


def write(elements: list[Element], tags: list[tuple[int, int]], start: int = 0) -> str:
    """A page; `tags` gets where the names of each element's tags begin."""
    text = ""
    for name, inner in elements:
        opening = start + len(text) + len("<")
        head = f'<{name} title="a > b">text <br>'
        body = write(inner, tags, start + len(text) + len(head))
        text += f"{head}{body}</{name}>\n"
        tags.append((opening, start + len(text) - len(f"{name}>\n")))
    return text


@settings(max_examples=40)
@given(st.tuples(NAMES, ELEMENTS), st.data())
def test_the_other_tag(root: Element, data: st.DataObject) -> None:
    tags: list[tuple[int, int]] = []
    page = write([root], tags)
    pair = data.draw(st.sampled_from(tags))
    first, other = data.draw(st.permutations(pair))
    end = next(at for at in range(first, len(page)) if page[at] in " >")
    name = page[first:end]
    document, log = Document("file:///a.html", page), EditLog()
    before = document.snapshot()
    start, stop = (before.to_position(at, PositionEncoding.UTF8) for at in (first, end))
    log.record(before, document.apply([DocumentEdit(start, stop, "section")], 2, PositionEncoding.UTF8))
    found = closing_pair.find(EditSearch(EditContext(document.snapshot(), first, log.list_edits())))
    shift = len("section") - len(name) if other > first else 0
    assert [(each.start, each.text) for candidate in found for each in candidate.replacements] == [(other + shift, b"section")]
