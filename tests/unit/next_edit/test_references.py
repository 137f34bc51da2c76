"""About `next_edit/finders/reference.py` and `heading_link.py`: every format of `references.toml` has its case."""

import re

import pytest

from interfix.next_edit.edit_context import EditContext
from interfix.next_edit.edit_log import EditLog
from interfix.next_edit.finder_inputs import EditSearch
from interfix.next_edit.finders import reference
from interfix.next_edit.finders.heading_link import make_slug
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding

CASES = [
    ("a.html", '<input id="‸name">\n<label for="name">\n<a href="#name">\n<p class="name">', 2),
    ("a.html", '<p class="big ‸name">\n<style>\n.name {\n}\n.name-x {\n}\n</style>', 1),
    ("a.html", '<style>\n.‸name:hover {\n}\n</style>\n<p class="name b">\n<p id="name">', 1),
    ("a.html", '<style>\n#‸name {\n}\n</style>\n<p class="name b">\n<p id="name">', 1),
    ("a.css", ":root {\n  --‸name: 1px;\n}\nb {\n  width: var(--name);\n  height: var(--name-x);\n}", 1),
    ("a.css", "@keyframes ‸name {\n}\nb {\n  animation: 2s name;\n  color: name;\n}", 1),
    ("a.scss", "@mixin ‸name {\n}\nb {\n  @include name;\n}", 1),
    ("a.yml", "a: &‸name\n  x: 1\nb: *name\nc: *name-x", 1),
    ("a.yml", "jobs:\n  ‸name:\n    x: 1\n  b:\n    needs: name\n  c:\n    needs: [b, name]\n  d: name", 2),
    ("a.yml", "services:\n  ‸name:\n    x: 1\n  b:\n    depends_on:\n      - name\n    tags:\n      - name", 1),
    ("a.yml", "steps:\n  - id: ‸name\n  - run: echo ${{ steps.name.outputs.x }}", 1),
    ("a.yml", "environment:\n  ‸name: 1\ncommand: run $name ${name} names", 2),
    ("Makefile", "‸name = 1\nall:\n\techo $(name) name", 1),
    ("Makefile", "‸name: b\n\tname\nall: b name\n.PHONY: name all\ncheck:\n\t$(MAKE) name", 3),
    ("Dockerfile", "FROM a AS ‸name\nFROM b\nCOPY --from=name /a /name", 1),
    ("Dockerfile", "ARG ‸name=1\nRUN echo $name ${name} name", 2),
    ("a.md", "[a][name] and [name], not name\n\n[‸name]: http://x", 2),
    ("package.json", '{\n  "‸name": "x",\n  "b": "npm run name && yarn name",\n  "c": "name"\n}', 2),
    ("a.sql", "SELECT name.x FROM b ‸name WHERE name.y = 'name.z'", 2),
    ("a.sql", "WITH ‸name AS (\nSELECT 1)\nSELECT * FROM name", 1),
    ("a.toml", '‸name = ["b"]\nextras = ["name"]', 1),
]


def count_references(file: str, text: str, *, old: str = "name", new: str = "other") -> int:
    """How many references there are to what is called otherwise at the cursor."""
    before, _, after = text.partition("‸")
    document, log = Document(f"file:///project/{file}", before + after), EditLog()
    snapshot = document.snapshot()
    line, column = before.count("\n"), len(before) - before.rfind("\n") - 1
    edit = DocumentEdit((line, column), (line, column + len(old)), new)
    log.record(snapshot, document.apply([edit], snapshot.version + 1, PositionEncoding.UTF32))
    found = reference.find(EditSearch(EditContext(document.snapshot(), len((before + new).encode()), log.list_edits())))
    assert all(each.replacements[0].text.endswith(new.encode()) for each in found)
    return len({each.replacements[0].start for each in found})


@pytest.mark.parametrize(("file", "text", "count"), CASES)
def test_what_refers_to_a_name_follows_it(file: str, text: str, count: int) -> None:
    assert count_references(file, text) == count


@pytest.mark.parametrize(("file", "text"), [case[:2] for case in CASES])
def test_a_name_that_something_else_has_too_is_left_alone(file: str, text: str) -> None:
    line = next(each for each in text.split("\n") if "‸" in each).replace("‸", "")
    if file == "a.sql" and "WITH" not in text:
        line = "FROM c name"
    assert count_references(file, f"{text}\n{line}") == 0


def test_every_style_has_a_case() -> None:
    for style in reference.load_styles():
        suffixes = {re.sub(r"^\*", "", each) for each in style.files}
        assert any(file.endswith(tuple(suffixes)) for file, *_ in CASES), style


@pytest.mark.parametrize(
    ("heading", "slug"),
    [
        ("Getting started", "getting-started"),
        ("What's new in 2.0?", "whats-new-in-20"),
        ("`run` and [stop](x)", "run-and-stop"),
        ("Über", "über"),
    ],
)
def test_slugs(heading: str, slug: str) -> None:
    assert make_slug(heading) == slug
