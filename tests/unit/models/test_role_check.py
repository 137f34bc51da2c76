"""Base and instruct are told apart by the file, and the wrong one is refused with the right one's name."""

import os
from pathlib import Path

import pytest

from interfix.errors import RoleMismatchError
from interfix.models import role_probe_store
from interfix.models.kind_detection import detect_kind
from interfix.models.model_header import read_header
from interfix.models.role_check import check_base, check_instruct
from interfix.models.role_probe_store import ProbeResult, RoleOutcome
from tests.unit.models.model_files import BASE_METADATA, INSTRUCT_METADATA, build_gguf


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "model.gguf"


def test_one_file_may_prove_both_roles(path: Path) -> None:
    path.write_bytes(build_gguf(INSTRUCT_METADATA))
    assert check_base("m", path).path == str(path)
    assert check_instruct("m", path).path == str(path)


def test_base_model_is_not_asked_questions(path: Path) -> None:
    path.write_bytes(build_gguf(BASE_METADATA))
    check_base("m", path)
    with pytest.raises(RoleMismatchError) as refusal:
        check_instruct("m", path)
    assert str(refusal.value) == (
        "m is a base model: it continues text and will not follow a request such as 'explain'. "
        "Its instruct variant is qwen2.5-coder-1.5b-instruct."
    )


def test_model_without_infill_tokens_is_not_asked_to_complete(path: Path) -> None:
    path.write_bytes(build_gguf({**INSTRUCT_METADATA, "general.basename": "Mistral"}, tokens=("a", "b")))
    check_instruct("mistral", path)
    with pytest.raises(RoleMismatchError, match=r"mistral has no fill-in-the-middle tokens: .* such as qwen2\.5-coder-1\.5b"):
        check_base("mistral", path)


def test_a_file_that_failed_its_probe_is_refused_with_what_it_did(path: Path) -> None:
    path.write_bytes(build_gguf(INSTRUCT_METADATA))
    role_probe_store.remember_result(
        path, ProbeResult(RoleOutcome(False, "it filled 0 of 7 holes"), RoleOutcome(True, "it ended"), 12.5)
    )
    check_instruct("m", path)
    with pytest.raises(RoleMismatchError) as refused:
        check_base("m", path)
    assert str(refused.value) == (
        "m cannot complete: when it was probed, it filled 0 of 7 holes. Its base variant is qwen2.5-coder-1.5b."
    )
    os.utime(path, ns=(0, 0))
    assert check_base("m", path), "a touched file is another one"


def test_an_override_passes_what_can_run_and_tells_of_it(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path.write_bytes(build_gguf(BASE_METADATA))
    assert check_instruct("m", path, override_roles=True).is_forced
    assert "m is forced into the instruct role" in caplog.text
    path.write_bytes(build_gguf(INSTRUCT_METADATA))
    assert not check_instruct("m", path, override_roles=True).is_forced
    path.write_bytes(build_gguf(BASE_METADATA, tokens=("a", "b")))
    with pytest.raises(RoleMismatchError, match="no fill-in-the-middle tokens"):
        check_base("m", path, override_roles=True)


@pytest.mark.parametrize(
    ("keys", "sure", "first"),
    [
        (INSTRUCT_METADATA, "certain", "general.finetune says 'Instruct': Instruct"),
        ({"general.name": "Gemma 2b Pt"}, "certain", "general.name says 'Pt': Gemma 2b Pt"),
        ({"general.tags": ["code", "chat"]}, "likely", "a tag says 'chat': chat"),
        ({"general.architecture": "llama", "tokenizer.chat_template": "[INST]"}, "likely", "it carries a chat template: [INST]"),
        ({}, "assumed", "nothing in the file says that it was tuned on instructions"),
    ],
)
def test_evidence_comes_with_how_sure_it_makes(path: Path, keys: dict[str, object], sure: str, first: str) -> None:
    path.write_bytes(build_gguf(keys))
    found = detect_kind(read_header(path))
    assert (found.sure, found.evidence[0]) == (sure, first)


@pytest.mark.parametrize(
    ("keys", "follows"),
    [
        ({"general.name": "CodeLlama 7B", "general.architecture": "llama"}, False),
        ({"general.name": "Llama 3 8B", "general.architecture": "llama", "tokenizer.chat_template": "x"}, True),
        ({"general.name": "Qwen3 4B", "general.architecture": "qwen3", "tokenizer.chat_template": "x"}, True),
        ({"general.name": "Qwen3 4B Base", "general.architecture": "qwen3", "tokenizer.chat_template": "x"}, False),
        ({"general.name": "Codegemma 7b It", "general.architecture": "gemma"}, True),
        ({"general.name": "Gemma 2b Pt", "general.architecture": "gemma", "tokenizer.chat_template": "x"}, False),
        ({"general.name": "Qwen2.5 Coder 0.5B Instruct AWQ"}, True),
        ({"general.name": "deepseek", "general.finetune": "instruct"}, True),
        ({"general.name": "Recitation", "general.finetune": "Italian"}, False),
    ],
)
def test_what_the_file_calls_itself_counts_before_its_template(path: Path, keys: dict[str, str], follows: bool) -> None:
    path.write_bytes(build_gguf(keys))
    if follows:
        check_instruct("m", path)
    else:
        with pytest.raises(RoleMismatchError):
            check_instruct("m", path)
