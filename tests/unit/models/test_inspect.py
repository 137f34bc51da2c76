"""What a GGUF header tells, and what becomes of files that are none."""

import struct
from pathlib import Path

import pytest

from interfix.errors import BadUsage
from interfix.models.inspect import read_header

from .conftest import BASE, INSTRUCT, gguf


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.gguf"


def test_header_tells_what_the_file_is(path: Path) -> None:
    path.write_bytes(gguf(INSTRUCT))
    header = read_header(path)
    assert (header.architecture, header.basename, header.finetune) == ("qwen2", "Qwen2.5-Coder", "Instruct")
    assert (header.name, header.size_label) == ("Qwen2.5 Coder 1.5B Instruct", "1.5B")
    assert (header.quantisation, header.context_length, header.vocabulary) == ("Q8_0", 32768, 5)
    assert header.chat_template
    assert header.fim
    assert header.bytes == path.stat().st_size


@pytest.mark.parametrize(
    "tokens",
    [
        ("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
        ("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"),
        ("▁<PRE>", "▁<SUF>", "▁<MID>"),
        ("[PREFIX]", "[SUFFIX]"),
    ],
)
def test_infill_tokens_are_found_by_their_text(path: Path, tokens: tuple[str, ...]) -> None:
    path.write_bytes(gguf(BASE, ("x", *tokens)))
    assert read_header(path).fim


@pytest.mark.parametrize("tokens", [("x", "y"), ("<fim_prefix>", "x"), ("fim_prefix", "fim_suffix")])
def test_half_the_infill_tokens_are_none(path: Path, tokens: tuple[str, ...]) -> None:
    path.write_bytes(gguf(BASE, tokens))
    assert not read_header(path).fim


@pytest.mark.parametrize("share", [0.0001, 0.001, 0.002, 0.003, 0.5, 0.999999])
def test_truncated_file_is_refused_by_name(path: Path, share: float) -> None:
    whole = gguf(INSTRUCT)
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BadUsage, match=r"model\.gguf is (damaged|not a GGUF)"):
        read_header(path)


def test_every_cut_through_the_header_is_noticed(path: Path) -> None:
    whole = gguf(INSTRUCT, weights=64)
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(BadUsage):
            read_header(path)


def test_absurd_counts_are_refused_without_reading_on(path: Path) -> None:
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 1, 2**60) + bytes(10_000))
    with pytest.raises(BadUsage, match="makes no sense"):
        read_header(path)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 a wheel", b"GGU"])
def test_foreign_file_is_refused(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(BadUsage, match="not a GGUF model file"):
        read_header(path)


def test_unknown_version_is_named(path: Path) -> None:
    path.write_bytes(b"GGUF" + struct.pack(">I", 3) + bytes(100))
    with pytest.raises(BadUsage, match="version 50331648"):
        read_header(path)


def test_missing_file_and_folder_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match="no model file at"):
        read_header(tmp_path / "gone.gguf")
    with pytest.raises(BadUsage, match="cannot be read"):
        read_header(tmp_path)
