"""One key for every spelling of a document's URI, another for every other document."""

import os
import random
import unicodedata
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from interfix.syntax.document_key import (
    PathStyle,
    find_real_path,
    locate_in_folder,
    make_document_key,
    make_path_key,
    parse_file_path,
)
from tests.effort import scale_examples

# What each editor sends for a path, recorded: the package vscode-uri 3.2 (VS Code's own and its language client's), Neovim 0.11
# (vim.uri_from_fname), Emacs 30 (eglot-path-to-uri), Helix from its didOpen. Zed's are by the rules of Rust's crate url, which it
# uses, and not recorded. Emacs leaves a percent sign as it is.
RECORDED = {
    "/ws/(shop)/a.py": {
        "VS Code": "file:///ws/%28shop%29/a.py",
        "Neovim": "file:///ws/(shop)/a.py",
    },
    "/ws/[id]/a.py": {
        "VS Code": "file:///ws/%5Bid%5D/a.py",
        "Neovim": "file:///ws/%5bid%5d/a.py",
        "Zed": "file:///ws/[id]/a.py",
    },
    "/ws/@acme/a.py": {"VS Code": "file:///ws/%40acme/a.py", "Neovim": "file:///ws/@acme/a.py"},
    "/ws/caf\u00e9/a.py": {"VS Code": "file:///ws/caf%C3%A9/a.py", "Neovim": "file:///ws/caf%c3%a9/a.py"},
    "/ws/cafe\u0301/a.py": {"VS Code": "file:///ws/cafe%CC%81/a.py", "Neovim": "file:///ws/cafe%cc%81/a.py"},
    "/ws/C# +1/a.py": {"VS Code": "file:///ws/C%23%20%2B1/a.py", "Neovim": "file:///ws/C%23%20+1/a.py"},
    "/ws/100% {x}/a.py": {
        "VS Code": "file:///ws/100%25%20%7Bx%7D/a.py",
        "Neovim": "file:///ws/100%25%20%7bx%7d/a.py",
        "Emacs": "file:///ws/100%%20%7Bx%7D/a.py",
    },
    "/ws/a b;c,d=e&f$g!h'i/a.py": {
        "VS Code": "file:///ws/a%20b%3Bc%2Cd%3De%26f%24g%21h%27i/a.py",
        "Neovim": "file:///ws/a%20b;c,d=e&f$g!h'i/a.py",
    },
    "/ws/日本 😀/a~b^c`d.py": {
        "VS Code": "file:///ws/%E6%97%A5%E6%9C%AC%20%F0%9F%98%80/a~b%5Ec%60d.py",
        "Neovim": "file:///ws/%e6%97%a5%e6%9c%ac%20%f0%9f%98%80/a~b%5ec%60d.py",
        "Zed": "file:///ws/%E6%97%A5%E6%9C%AC%20%F0%9F%98%80/a~b^c%60d.py",
    },
    "/ws/q?r:s|t/a.py": {
        "VS Code": "file:///ws/q%3Fr%3As%7Ct/a.py",
        "Neovim": "file:///ws/q%3fr:s%7ct/a.py",
        "Emacs": "file:///ws/q%3Fr%3As%7Ct/a.py",
        "Helix": "file:///ws/q%3Fr:s%7Ct/a.py",
        "Zed": "file:///ws/q%3Fr:s|t/a.py",
    },
}
WINDOWS = {
    r"C:\Users\Ann\My Repo\a.py": (
        "file:///c%3A/Users/Ann/My%20Repo/a.py",  # VS Code
        "file:///C:/Users/Ann/My%20Repo/a.py",  # Neovim, Helix, Zed
        "file:///c%3a/Users/Ann/My%20Repo/a.py",
        "file:///C|/Users/Ann/My%20Repo/a.py",
        "file://C:/Users/Ann/My%20Repo/a.py",
        "file:///C:\\Users\\Ann\\My Repo\\a.py",
        "file://localhost/c:/Users/Ann/./x/../My%20Repo/a.py",
        "C:\\Users\\Ann\\My Repo\\a.py",
        "\\\\?\\C:\\Users\\Ann\\My Repo\\a.py",
    ),
    r"\\server\share\a b.py": (
        "file://server/share/a%20b.py",
        "file:////server/share/a%20b.py",
        "\\\\server\\share\\a b.py",
        "\\\\?\\UNC\\server\\share\\a b.py",
    ),
    r"\\wsl$\Ubuntu\home\a.py": ("file://wsl%24/Ubuntu/home/a.py", "file://wsl$/Ubuntu/home/a.py"),
}
NO_FILES = (
    ("untitled:Untitled-1", "UNTITLED:Untitled-1", "untitled:%55ntitled-1"),
    ("untitled:/ws/%28new%29.py", "untitled:/ws/(new).py"),
    ("vscode-remote://ssh-remote%2Bbox/home/a.py", "vscode-remote://SSH-remote%2bbox/home/a.py"),
    ("git:/ws/a.py?%7B%22ref%22%3A%22~%22%7D", "git:/ws/a.py?%7b%22ref%22%3a%22%7e%22%7d"),
    ("file:",),
    ("file:///a%00b",),
    ("zipfile:///a.zip::b.py",),
    ("",),
)

names = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=8).filter(
    lambda name: name not in (".", "..")
)
paths = st.lists(names, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))


def spell(path: str, choice: random.Random) -> str:
    """One of the valid URIs of a path: escaped where it must be, at will elsewhere, in either case."""

    def spell_character(character: str) -> str:
        must = character not in "-._~!$&'()*+,;=:@[]^|{}" and not (character.isascii() and character.isalnum())
        if character == "/":
            return choice.choice(["/", "/", "/", "//", "/./", "/x/../"])
        if not must and choice.random() < 0.7:
            return character
        escaped = "".join(f"%{byte:02X}" for byte in character.encode())
        return escaped.lower() if choice.random() < 0.5 else escaped

    return choice.choice(["file://", "file://localhost", "FILE://"]) + "".join(map(spell_character, path))


@pytest.mark.parametrize("path", RECORDED)
def test_what_editors_send_for_a_file_is_one_key(path: str) -> None:
    for uri in (*RECORDED[path].values(), Path(path).as_uri(), path):
        assert parse_file_path(uri, PathStyle.POSIX) == path, uri
        assert make_document_key(uri, style=PathStyle.POSIX) == make_path_key(path, PathStyle.POSIX)


@pytest.mark.parametrize("path", WINDOWS)
def test_so_it_is_on_windows(path: str) -> None:
    for uri in WINDOWS[path]:
        assert parse_file_path(uri, PathStyle.WINDOWS) == path, uri
        assert make_document_key(uri, style=PathStyle.WINDOWS) == make_path_key(path, PathStyle.WINDOWS)


@pytest.mark.parametrize("spellings", NO_FILES)
def test_what_is_no_file_has_a_key_and_no_path(spellings: tuple[str, ...]) -> None:
    assert {parse_file_path(uri, PathStyle.POSIX) for uri in spellings} == {""}
    assert len({make_document_key(uri) for uri in spellings}) == 1


def test_documents_that_are_no_files_have_keys_of_their_own() -> None:
    assert len({make_document_key(spellings[0]) for spellings in NO_FILES}) == len(NO_FILES)


def test_a_cell_is_in_a_notebook_and_not_the_notebook() -> None:
    uri = "vscode-notebook-cell:/ws/%28shop%29/nb.ipynb#W0sZmlsZQ%3D%3D"
    assert parse_file_path(uri, PathStyle.POSIX) == "/ws/(shop)/nb.ipynb"
    keys = {
        make_document_key(each, style=PathStyle.POSIX) for each in (uri, uri.replace("#W0", "#W1"), "file:///ws/(shop)/nb.ipynb")
    }
    assert len(keys) == 3
    assert make_document_key("vscode-notebook-cell:/ws/(shop)/nb.ipynb#W0sZmlsZQ%3d%3d", style=PathStyle.POSIX) in keys


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        # A remote window's, such as code-server's: the extension and its server run where the files are. The end is base64.
        ("vscode-notebook-cell://ssh-remote%2Bbox/ws/nb.ipynb#W0sdnNjb2RlLXJlbW90ZQ%3D%3D", "/ws/nb.ipynb"),
        ("vscode-notebook-cell://127.0.0.1:8080/ws/nb.ipynb#X13sdnNjb2RlLXJlbW90ZQ==", "/ws/nb.ipynb"),
        # A repository that is on no disk, and a notebook that was never saved.
        ("vscode-notebook-cell://github/ws/nb.ipynb#W0sdnNjb2RlLXZmcw%3D%3D", ""),
        ("vscode-notebook-cell:Untitled-1.ipynb#W0sdW50aXRsZWQ%3D", ""),
        ("vscode-notebook-cell:/ws/nb.ipynb#cell", "/ws/nb.ipynb"),
        ("vscode-notebook-cell:/ws/nb.ipynb#W0s%ff", "/ws/nb.ipynb"),
        ("vscode-notebook-cell://box/ws/nb.ipynb#W0sZmlsZQ%3D%3D", ""),
    ],
)
def test_a_cell_of_a_notebook_that_is_elsewhere(uri: str, path: str) -> None:
    assert parse_file_path(uri, PathStyle.POSIX) == path
    assert make_document_key(uri, style=PathStyle.POSIX) != make_document_key(uri.replace("#", "#Y"), style=PathStyle.POSIX)


@given(paths, st.randoms(use_true_random=False))
def test_two_spellings_of_a_path_are_one_key(path: str, choice: random.Random) -> None:
    one, two = spell(path, choice), spell(path, choice)
    assert parse_file_path(one, PathStyle.POSIX) == path
    assert make_document_key(one, style=PathStyle.POSIX) == make_document_key(two, style=PathStyle.POSIX)


@given(paths, paths, st.randoms(use_true_random=False))
def test_two_files_are_two_keys(one: str, other: str, choice: random.Random) -> None:
    keys = {make_document_key(spell(path, choice), style=PathStyle.POSIX) for path in (one, other)}
    assert len(keys) == len({one, other})


@given(paths)
def test_case_and_form_count_where_the_file_system_counts_them(path: str) -> None:
    swapped = "".join(other if len(other := each.swapcase()) == 1 and each.isascii() else each for each in path)
    decomposed = unicodedata.normalize("NFD", path)
    for style, same in (
        (PathStyle.POSIX, (path,)),
        (PathStyle.DARWIN, (path, swapped, decomposed)),
        (PathStyle.WINDOWS, (path, swapped)),
    ):
        for other in {path, swapped, decomposed}:
            if other in same:
                assert make_path_key(other, style) == make_path_key(path, style)
            elif style is PathStyle.POSIX:
                assert make_path_key(other, style) != make_path_key(path, style)


def test_no_letter_is_folded_into_two() -> None:
    for style in PathStyle:
        assert make_path_key("/straße", style) != make_path_key("/strasse", style)


@given(st.text(max_size=40) | st.text("file:/%2fC|\\?#@[].ü\ud800", max_size=30))
def test_any_text_has_a_key_that_can_be_sent(uri: str) -> None:
    for style in PathStyle:
        key = make_document_key(uri, find_real_path, style)
        assert key.isascii()
        assert make_document_key(uri, style=style) == make_document_key(uri, style=style)
        path = parse_file_path(uri, style)
        assert (
            not path
            or parse_file_path(make_path_key(path, PathStyle.POSIX), PathStyle.POSIX) == path
            or style is not PathStyle.POSIX
        )


@given(names)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=scale_examples(30))
def test_links_lead_to_one_file(tmp_path: Path, name: str) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir(exist_ok=True)
    if not link.is_symlink():
        link.symlink_to(real)
    if len(os.fsencode(name)) < 200:
        (real / name).touch()
    assert make_document_key((link / name).as_uri(), find_real_path) == make_path_key(str(Path(os.path.realpath(real)) / name))
    assert locate_in_folder(str(real / name), [link]) == str(link / name)
    assert locate_in_folder(str(link / name), [real]) == str(real / name)


def test_the_other_normal_form_of_a_folder_is_found(tmp_path: Path) -> None:
    (tmp_path / "cafe\u0301").mkdir()
    (tmp_path / "cafe\u0301" / "a.py").touch()
    assert find_real_path(str(tmp_path / "caf\u00e9" / "a.py")) == os.path.realpath(tmp_path / "cafe\u0301" / "a.py")
    (tmp_path / "caf\u00e9").mkdir()
    (tmp_path / "caf\u00e9" / "a.py").touch()
    assert find_real_path(str(tmp_path / "caf\u00e9" / "a.py")) == os.path.realpath(tmp_path / "caf\u00e9" / "a.py")


def test_a_file_below_the_innermost_folder_is_located_there(tmp_path: Path) -> None:
    inner, outside = tmp_path / "ws" / "inner", tmp_path / "outside"
    inner.mkdir(parents=True)
    outside.mkdir()
    (tmp_path / "ws" / "vendored").symlink_to(outside)
    folders = [tmp_path / "ws", inner]
    assert locate_in_folder(str(inner / "a.py"), folders) == str(inner / "a.py")
    assert locate_in_folder(str(tmp_path / "ws" / "vendored" / "a.py"), folders) == str(tmp_path / "ws" / "vendored" / "a.py")
    assert locate_in_folder(str(outside / "a.py"), folders) == str(outside / "a.py")
    assert locate_in_folder(str(tmp_path / "ws-other" / "a.py"), folders) == str(tmp_path / "ws-other" / "a.py")
    assert locate_in_folder("/x/a.py", [Path("/")]) == "/x/a.py"


def test_a_link_to_itself_is_a_path_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "a.py").symlink_to("a.py")
    assert find_real_path(str(tmp_path / "a.py"))
    assert make_document_key((tmp_path / "a.py").as_uri(), find_real_path)
