"""A definition in, as much of its signatures as there is room for out."""

from interfix.context.skeletons.code_structure import find_code_scopes
from interfix.context.skeletons.signature_summary import ROW_CHARACTERS, SUMMARY_CHARACTERS, summarize_definition
from interfix.syntax.document import Document


def summarize(text: str, wanted: dict[str, float] | None = None, path: str = "/ws/a.py") -> str:
    snapshot = Document(f"file://{path}", text).snapshot()
    return summarize_definition(find_code_scopes(snapshot), range(len(snapshot.lines)), wanted or {})


def make_long_class(methods: int = 60) -> str:
    body = "".join(f"    def method_{i}(self, value: int) -> int:\n        return value * {i}\n\n" for i in range(methods))
    head = '@register\nclass Shop(Base):\n    """Sells."""\n\n    name: str = ""\n\n'
    return f"{head}{body}    def find_item(self) -> None:\n        return None\n"


def test_what_is_short_keeps_its_documentation() -> None:
    text = 'class Shop:\n    """Sells."""\n\n    def find(self):\n        """Look."""\n        one = 1\n        return one\n'
    assert '"""Look."""' in summarize(text)
    assert "one = 1" not in summarize(text)


def test_of_many_members_those_are_kept_that_share_words_with_what_is_wanted() -> None:
    found = summarize(make_long_class(), {"item_count": 1.0})
    assert found.startswith("@register\nclass Shop(Base):\n")
    assert "def find_item(self) -> None: ...\n" in found
    assert len(found) <= SUMMARY_CHARACTERS + len("    ...\n")
    assert found.endswith("    ...\n")


def test_of_equal_members_the_first_are_kept_in_their_order() -> None:
    found = summarize(make_long_class())
    assert found.index("name: str") < found.index("method_0(") < found.index("method_1(")
    assert "find_item" not in found


def test_signatures_over_several_lines_are_put_on_one() -> None:
    text = make_long_class().replace(
        "def find_item(self)", "def find_item(\n        self,\n        names: list[\n            str\n        ],\n    )"
    )
    assert "    def find_item(self, names: list[str]) -> None: ...\n" in summarize(text, {"find_item": 1.0})


def test_a_remark_in_a_signature_is_not_put_before_code() -> None:
    text = make_long_class().replace("def find_item(self)", "def find_item(\n        self,  # me\n        name,\n    )")
    assert not any("# me" in row and "name" in row for row in summarize(text, {"find_item": 1.0}).splitlines())


def test_a_very_long_signature_stays_on_its_lines() -> None:
    names = "".join(f"        argument_{i}: int,\n" for i in range(20))
    text = make_long_class().replace("def find_item(self)", f"def find_item(\n        self,\n{names}    )")
    assert max(map(len, summarize(text, {"find_item": 1.0}).splitlines())) <= ROW_CHARACTERS


def test_braces_are_closed() -> None:
    body = "".join(f"  method{i}(value: number): number {{\n    return value * {i};\n  }}\n\n" for i in range(60))
    found = summarize(f"export class Shop {{\n{body}}}\n", {"method59": 1.0}, "/ws/a.ts")
    assert found.startswith("export class Shop {\n")
    assert "method59(value: number): number {" in found
    assert found.endswith("  ...\n}\n")
