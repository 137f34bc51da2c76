"""What a text defines, and the names it uses."""

import pytest
from msgspec.structs import replace

from interfix.syntax.definition_outline import build_outline
from interfix.syntax.document import Document, Snapshot
from interfix.syntax.enclosing_scopes import find_enclosing_scopes, find_scopes, is_in_empty_block
from interfix.syntax.identifiers_in_range import list_identifiers
from interfix.syntax.imports import parse_imports
from interfix.syntax.languages import Language, load_languages

CASES = {
    (
        "python",
        'X = {\n    1: 2,\n}\n\n\nclass A(B):\n    """Says."""\n\n    y: int = 1\n\n    def f(self) -> int:\n        pass\n',
    ): [
        "variable X: X = {",
        'class A: class A(B): "Says."',
        " variable y: y: int = 1",
        " function f: def f(self) -> int:",
    ],
    ("typescript", "/** Says. */\nexport interface A {\n  f(x: number): void;\n}\n// No.\n\nexport const B = 1;\n"): [
        "interface A: export interface A /** Says. */",
        " function f: f(x: number): void",
        "variable B: export const B = 1;",
    ],
    ("go", "// Says,\n// more.\nfunc (a *A) F() int {\n}\n\nx := 1 // no\ntype B = int\n"): [
        "function F: func (a *A) F() int // Says,\n// more.",
        "type B: B = int",
    ],
    ("rust", "/// Says.\n#[derive(Clone)]\npub struct A {\n    b: u8,\n}\n\nconst C: u8 = 1;\n"): [
        "struct A: pub struct A /// Says.",
        "variable C: const C: u8 = 1;",
    ],
    ("csharp", "namespace N\n{\n    /// Says.\n    class A\n    {\n        int F() { return 1; }\n    }\n}\n"): [
        "namespace N: namespace N",
        " class A: class A /// Says.",
        "  function F: int F()",
    ],
    ("html", "<body>\n<script>\n// Says.\nfunction f() {\n}\n</script>\n</body>\n"): [
        "element body: <body>",
        " function f: function f() // Says.",
    ],
}


def outline_rows(snapshot: Snapshot) -> list[str]:
    lines, depths = [], dict[int, int]()
    for i, entry in enumerate(build_outline(snapshot)):
        depths[i] = depths[entry.parent] + 1 if entry.parent >= 0 else 0
        signature = snapshot.data[entry.scope.start : entry.scope.signature_end].decode()
        doc = " " + snapshot.data[slice(*entry.docstring_range)].decode().replace('"""', '"') if entry.docstring_range else ""
        lines.append(f"{' ' * depths[i]}{entry.scope.kind} {entry.scope.name}: {signature}{doc}")
    return lines


@pytest.mark.parametrize(("language", "text"), CASES)
def test_an_outline(parse_marked, language: str, text: str) -> None:
    snapshot, _ = parse_marked(text + "‸", language)
    assert [line.replace("\n#[derive(Clone)]\n", "") for line in outline_rows(snapshot)] == CASES[language, text]


@pytest.mark.parametrize("language", list(load_languages()), ids=lambda language: language.id)
def test_an_outline_holds_together(language: Language) -> None:
    (file,) = language.folder.glob("example.*")
    entries = build_outline(Document(file.as_uri(), file.read_text(encoding="utf-8")).snapshot())
    assert entries
    for i, entry in enumerate(entries):
        scope = entry.scope
        assert scope.start <= scope.header_start < scope.signature_end <= scope.end
        assert scope.signature_end <= scope.body_start <= scope.end
        assert entry.parent < i
        assert entry.parent < 0 or entries[entry.parent].scope.start <= scope.start <= scope.end <= entries[entry.parent].scope.end


@pytest.mark.parametrize(
    ("language", "text", "names"),
    [
        ("python", "a.b(c, 'd')  # e\n‸", ("a", "b", "c")),
        ("rust", "let a: B = c.d;‸", ("a", "B", "c", "d")),
        ("html", "<p>a</p><script>b(c)</script>‸", ("b", "c")),
    ],
)
def test_the_names_a_text_uses(parse_marked, language: str, text: str, names: tuple[str, ...]) -> None:
    snapshot, offset = parse_marked(text, language)
    assert list_identifiers(snapshot, 0, offset) == names
    assert list_identifiers(snapshot, 1, 1) == ()


@pytest.mark.parametrize("language", list(load_languages()), ids=lambda language: language.id)
def test_no_language_needs_its_grammar(language: Language) -> None:
    (file,) = language.folder.glob("example.*")
    snapshot = Document("untitled:it", file.read_text(encoding="utf-8")).snapshot()
    gone = replace(language, grammar=replace(language.grammar, module="tree_sitter_of_nowhere"))
    bare = type(snapshot)(snapshot.uri, "", 0, gone, snapshot.data, snapshot.lines).replace_range(0, 0, "\n")
    assert bare.tree is None
    assert (build_outline(bare), parse_imports(bare), list_identifiers(bare, 0, len(bare.data))) == ((), (), ())
    assert find_scopes(bare, 0, len(bare.data)) == ()
    for offset in range(0, len(bare.data), 7):
        find_enclosing_scopes(bare, offset)
        is_in_empty_block(bare, offset)
