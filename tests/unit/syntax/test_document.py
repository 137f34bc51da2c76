"""Opening, editing and asking a document, case by case."""

from pathlib import Path

import pytest

from interfix.errors import UsageError
from interfix.syntax.document import Document, DocumentEdit, PositionEncoding, open_file
from interfix.syntax.snapshot import MAX_TREE_BYTES

SEPARATORS = "a\fb\vc\x1cd\x85e\u2028f\u2029g"


def test_only_lf_crlf_and_cr_end_a_line() -> None:
    snapshot = Document("untitled:a", f"{SEPARATORS}\none\r\ntwo\rthree").snapshot()
    assert len(snapshot.lines) == 4
    assert snapshot.to_offset(1, 0, PositionEncoding.UTF16) == len(SEPARATORS.encode()) + 1
    assert snapshot.to_position(len(snapshot.data), PositionEncoding.UTF32) == (3, 5)


@pytest.mark.parametrize(
    ("line", "column", "encoding", "before"),
    [
        (0, 1, PositionEncoding.UTF16, ""),
        (0, 2, PositionEncoding.UTF16, "😋"),
        (0, 3, PositionEncoding.UTF8, ""),
        (0, 1, PositionEncoding.UTF32, "😋"),
        (0, 99, PositionEncoding.UTF16, "😋é"),
        (0, 5, PositionEncoding.UTF8, "😋"),
        (1, 99, PositionEncoding.UTF8, "😋é\r\nab"),
        (9, 0, PositionEncoding.UTF8, "😋é\r\nab\r"),
        (2, 0, PositionEncoding.UTF32, "😋é\r\nab\r"),
        (-1, 4, PositionEncoding.UTF32, ""),
        (1, -4, PositionEncoding.UTF32, "😋é\r\n"),
    ],
)
def test_positions_are_clamped(line: int, column: int, encoding: PositionEncoding, before: str) -> None:
    snapshot = Document("untitled:a", "😋é\r\nab\r").snapshot()
    assert snapshot.to_offset(line, column, encoding) == len(before.encode())


def test_offsets_inside_a_character_or_line_ending_are_clamped() -> None:
    snapshot = Document("untitled:a", "é😋\r\n").snapshot()
    assert snapshot.to_position(1, PositionEncoding.UTF16) == (0, 0)
    assert snapshot.to_position(4, PositionEncoding.UTF16) == (0, 1)
    assert snapshot.to_position(7, PositionEncoding.UTF16) == (0, 3)
    assert snapshot.to_position(99, PositionEncoding.UTF16) == (1, 0)


def test_a_batch_is_applied_one_edit_after_another_and_a_snapshot_stays() -> None:
    document = Document("file:///a.py", "x = 1\n", 1)
    before = document.snapshot()
    tree = str(before.tree and before.tree.root_node)
    document.apply([DocumentEdit((0, 0), (0, 1), "yy"), DocumentEdit((0, 2), (0, 2), "z")], 2, PositionEncoding.UTF16)
    assert (before.text, before.version, str(before.tree and before.tree.root_node)) == ("x = 1\n", 1, tree)
    assert (document.snapshot().text, document.snapshot().version) == ("yyz = 1\n", 2)
    document.apply([DocumentEdit(None, None, "def f(:\n")], 3, PositionEncoding.UTF16)
    assert document.snapshot().text == "def f(:\n"
    assert document.snapshot().count_errors() > 0


def test_a_range_given_backwards_is_the_same_range() -> None:
    document = Document("untitled:a", "abcd")
    document.apply([DocumentEdit((0, 3), (0, 1), "-")], 1, PositionEncoding.UTF16)
    assert document.snapshot().text == "a-d"


def test_replaced_leaves_the_original_alone() -> None:
    snapshot = Document("file:///a.py", "def f():\n    return 1\n").snapshot()
    changed = snapshot.replace_range(20, 21, "(")
    assert (snapshot.count_errors(), changed.count_errors() > 0) == (0, True)
    assert changed.text == "def f():\n    return (\n"


@pytest.mark.parametrize(
    ("text", "newline"), [("", "\n"), ("a\nb\r\nc\n", "\n"), ("a\r\nb\nc\r\n", "\r\n"), ("a\rb\rc\n", "\r"), ("a\r", "\r")]
)
def test_the_dominating_line_ending(text: str, newline: str) -> None:
    assert Document("untitled:a", text).snapshot().newline == newline


@pytest.mark.slow
def test_a_document_beyond_the_limit_goes_on_without_a_tree() -> None:
    document = Document("file:///a.py", "x = 1\n" * (MAX_TREE_BYTES // 6 + 1))
    assert document.snapshot().tree is None
    document.apply([DocumentEdit((0, 0), (9, 0), "")], 1, PositionEncoding.UTF8)
    assert document.snapshot().tree is not None
    assert document.snapshot().count_errors() == 0


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a%20b/%C3%A9.py", "/a b/é.py"),
        ("file://localhost/x.py", "/x.py"),
        ("untitled:Untitled-1", ""),
        ("git:/a/b.py", ""),
    ],
)
def test_the_path_a_uri_names(uri: str, path: str) -> None:
    assert Document(uri, "").snapshot().path == path


@pytest.mark.parametrize(
    ("uri", "text", "language_id", "language"),
    [
        ("file:///a.py", "", "", "python"),
        ("file:///a.txt", "", "python", "python"),
        ("file:///a.tsx", "", "typescriptreact", "tsx"),
        ("file:///Gemfile", "", "", "ruby"),
        ("file:///run", "#!/usr/bin/env -S python3.12 -u\n", "", "python"),
        ("file:///run", "#!/usr/bin/node\n", "", "javascript"),
        ("file:///a.h", "", "cpp", "cpp"),
        ("file:///a.txt", "#!/bin/awk", "plaintext", None),
    ],
)
def test_the_language_of_a_document(uri: str, text: str, language_id: str, language: str | None) -> None:
    found = Document(uri, text, 0, language_id).snapshot().language
    assert (found.id if found else None) == language


def test_open_file_keeps_a_byte_order_mark_out_of_the_text(tmp_path: Path) -> None:
    file = tmp_path / "a b.py"
    file.write_bytes(b"\xef\xbb\xbfx = 1\r\n")
    snapshot = open_file(file).snapshot()
    assert (snapshot.text, snapshot.bom, snapshot.path) == ("x = 1\r\n", b"\xef\xbb\xbf", str(file))
    assert snapshot.replace_range(0, 1, "y").bom == snapshot.bom


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "does not exist"), (b"a\0b", "binary"), (b"caf\xe9", r"not UTF-8 \(byte 3\)"), ("folder", "is a folder")],
)
def test_open_file_says_what_is_wrong(tmp_path: Path, content: bytes | str | None, sentence: str) -> None:
    file = tmp_path / "it"
    if isinstance(content, bytes):
        file.write_bytes(content)
    elif content:
        file.mkdir()
    with pytest.raises(UsageError, match=sentence):
        open_file(file)


@pytest.mark.parametrize(
    ("name", "language_id", "text"),
    [
        ("shape.h", "cpp", "@interface Shape : NSObject\n@end\n"),
        ("shape.h", "c", "#import <UIKit/UIKit.h>\n"),
        ("shape.h", "", "// Shapes.\n@class Shape;\n"),
        ("setup.sh", "shellscript", "#!/usr/bin/env fish\nset -x PATH a\n"),
        ("setup.sh", "", "#!/bin/tcsh\nsetenv A b\n"),
        ("app_de.ts", "typescript", '<?xml version="1.0"?>\n<!DOCTYPE TS>\n'),
    ],
)
def test_a_text_in_a_language_without_a_grammar_is_in_no_known_one(name: str, language_id: str, text: str) -> None:
    assert Document(f"file:///project/{name}", text, language_id=language_id).snapshot().language is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("#ifndef A\n#define A\nnamespace a {\nint b();\n}\n#endif\n", "cpp"),
        ("template <typename T> T get();\n", "cpp"),
        ("class Shape : public Base {\n};\n", "cpp"),
        ("struct Shape {\n private:\n  int a;\n};\n", "cpp"),
        ("using std::string;\n", "cpp"),
        ('#ifdef __cplusplus\nextern "C" {\n#endif\nint a(int class);\n', "c"),
        ("/* The\n   class of\n   templates, using no namespace. */\nint a;\n", "c"),
        ("struct shape { int private; };\n", "c"),
    ],
)
def test_a_header_is_in_the_language_that_only_its_text_can_be_in_whatever_an_editor_says(text: str, language: str) -> None:
    found = Document("file:///project/shape.h", text, language_id="c").snapshot().language
    assert found is not None
    assert found.id == language
    assert Document("file:///project/shape.c", text, language_id="c").snapshot().language is not found or language == "c"


@pytest.mark.parametrize(
    ("name", "language", "text"),
    [
        ("shape.h", "cpp", "#import <a.tlb>\n"),
        ("shape.h", "cpp", "/** @class Shape */\nint a; // @interface\n"),
        ("setup.sh", "bash", "#!/usr/bin/env bash\n# fish\n"),
        ("setup.sh", "bash", "echo '#!/usr/bin/fish'\n"),
        ("app.ts", "typescript", "const a = <T>(x: T) => x\n"),
    ],
)
def test_a_text_that_only_names_another_language_is_in_its_own(name: str, language: str, text: str) -> None:
    found = Document(f"file:///project/{name}", text).snapshot().language
    assert found is not None
    assert found.id == language
