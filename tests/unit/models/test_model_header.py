"""What a GGUF header tells, and what becomes of files that are none."""

import struct
from pathlib import Path

import pytest

from interfix.errors import UsageError
from interfix.models.memory_estimate import SEQUENCE_COUNT, estimate_from_header
from interfix.models.model_header import read_header
from tests.unit.models.model_files import BASE_METADATA, INSTRUCT_METADATA, build_gguf


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.gguf"


def test_header_tells_what_the_file_is(path: Path) -> None:
    path.write_bytes(build_gguf(INSTRUCT_METADATA))
    header = read_header(path)
    assert (header.architecture, header.basename, header.finetune) == ("qwen2", "Qwen2.5-Coder", "Instruct")
    assert (header.name, header.size_label) == ("Qwen2.5 Coder 1.5B Instruct", "1.5B")
    assert (header.quantisation, header.context_length, header.vocabulary) == ("Q8_0", 32768, 5)
    assert header.template == ("marks of its own",)
    assert header.has_fim
    assert (header.parameters, header.shares, header.tensors, header.weights) == (50_000, {"F32": 1.0}, 1, 200_000)
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
    path.write_bytes(build_gguf(BASE_METADATA, ("x", *tokens)))
    assert read_header(path).has_fim


def test_infill_tokens_tell_the_rule_they_were_found_by(path: Path) -> None:
    path.write_bytes(
        build_gguf(
            {**BASE_METADATA, "tokenizer.ggml.fim_pre_token_id": 1, "tokenizer.ggml.suffix_token_id": 0}, ("x", "<A>", "<MID>")
        )
    )
    assert [(mark.part, mark.token, mark.rule) for mark in read_header(path).marks] == [
        ("prefix", "<A>", "tokenizer.ggml.fim_pre_token_id"),
        ("suffix", "#0", "tokenizer.ggml.suffix_token_id"),
        ("middle", "<MID>", "token text"),
    ]


@pytest.mark.parametrize(
    ("template", "marks"),
    [
        ("<|im_start|>{{ x }}", "ChatML (<|im_start|>)"),
        ("[INST] {{ x }} [/INST]", "[INST]"),
        ("<start_of_turn>user", "Gemma (<start_of_turn>)"),
        ("{{ x }}", "marks of its own"),
    ],
)
def test_a_chat_template_is_known_by_its_marks(path: Path, template: str, marks: str) -> None:
    path.write_bytes(build_gguf({"tokenizer.chat_template": template}))
    assert read_header(path).template == (marks,)


def test_licence_tags_and_sources_are_read(path: Path) -> None:
    path.write_bytes(
        build_gguf({"general.license": "mit", "general.tags": ["code", "chat"], "general.repo_url": "https://x.org/a"})
    )
    header = read_header(path)
    assert (header.licence, header.tags, header.sources) == ("mit", ("code", "chat"), ("https://x.org/a",))


LAYERS = {"qwen2.block_count": 2, "qwen2.embedding_length": 256, "qwen2.attention.head_count": 4}


@pytest.mark.parametrize(
    ("keys", "bytes_a_token"),
    [
        ({}, 2 * 4 * 64 * 4),
        ({"qwen2.attention.head_count_kv": 1}, 2 * 1 * 64 * 4),
        ({"qwen2.attention.head_count_kv": [0, 2]}, 2 * 64 * 4),
        ({"qwen2.attention.key_length": 96, "qwen2.attention.value_length": 32}, 2 * 4 * (96 + 32) * 2),
    ],
    ids=["all heads", "grouped", "by layer", "head sizes"],
)
def test_memory_follows_from_layers_and_heads(path: Path, keys: dict[str, object], bytes_a_token: int) -> None:
    path.write_bytes(build_gguf({**LAYERS, **keys}))
    needs = estimate_from_header(read_header(path), 100_000)
    assert needs.kv == bytes_a_token * 100_000
    assert needs.compute == 4 * 512 * (5 * 100_000 + 4 * 256), "at this length the scores of four heads and a mask"
    assert needs.total == needs.weights + needs.kv + needs.compute


@pytest.mark.parametrize(
    ("keys", "shifts"),
    [
        ({}, True),
        ({"general.architecture": "mamba"}, False),
        ({"general.architecture": "granitehybrid"}, False),
        ({"qwen2.rope.dimension_sections": [1, 1, 2]}, False),
        ({"qwen2.attention.sliding_window": 512}, True),
    ],
)
def test_recurrent_and_sectioned_models_cannot_shift(path: Path, keys: dict[str, object], shifts: bool) -> None:
    path.write_bytes(build_gguf(keys))
    assert read_header(path).can_shift is shifts


@pytest.mark.parametrize("tokens", [("x", "y"), ("<fim_prefix>", "x"), ("fim_prefix", "fim_suffix")])
def test_half_the_infill_tokens_are_none(path: Path, tokens: tuple[str, ...]) -> None:
    path.write_bytes(build_gguf(BASE_METADATA, tokens))
    assert not read_header(path).has_fim


@pytest.mark.parametrize("share", [0.0001, 0.001, 0.002, 0.003, 0.5, 0.999999])
def test_truncated_file_is_refused_by_name(path: Path, share: float) -> None:
    whole = build_gguf(INSTRUCT_METADATA)
    path.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(UsageError, match=r"model\.gguf is (damaged|not a GGUF)"):
        read_header(path)


def test_every_cut_through_the_header_is_noticed(path: Path) -> None:
    whole = build_gguf(INSTRUCT_METADATA, weights=64)
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(UsageError):
            read_header(path)


def test_absurd_counts_are_refused_without_reading_on(path: Path) -> None:
    path.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 1, 2**60) + bytes(10_000))
    with pytest.raises(UsageError, match="makes no sense"):
        read_header(path)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 a wheel", b"GGU"])
def test_foreign_file_is_refused(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    with pytest.raises(UsageError, match="not a GGUF model file"):
        read_header(path)


def test_unknown_version_is_named(path: Path) -> None:
    path.write_bytes(b"GGUF" + struct.pack(">I", 3) + bytes(100))
    with pytest.raises(UsageError, match="version 50331648"):
        read_header(path)


def test_missing_file_and_folder_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no model file at"):
        read_header(tmp_path / "gone.gguf")
    with pytest.raises(UsageError, match="cannot be read"):
        read_header(tmp_path)


HYBRID = {
    "general.architecture": "qwen35",
    **{"qwen35.block_count": 8, "qwen35.embedding_length": 256, "qwen35.attention.head_count": 4},
    **{"qwen35.ssm.conv_kernel": 4, "qwen35.ssm.inner_size": 512, "qwen35.ssm.state_size": 32, "qwen35.ssm.group_count": 2},
}


def test_a_hybrid_model_caches_little_and_keeps_states(path: Path) -> None:
    path.write_bytes(build_gguf(HYBRID))
    needs = estimate_from_header(read_header(path), 1000)
    state = 4 * 6 * (3 * (512 + 2 * 2 * 32) + 32 * 512)
    assert needs.kv == 2 * 2 * (4 * (64 + 64)) * 1000, "of the two layers in eight that have attention"
    assert needs.state == SEQUENCE_COUNT * state
    assert needs.total == needs.weights + needs.kv + needs.state + needs.compute
