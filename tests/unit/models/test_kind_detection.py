"""What models are for, by the names under which their makers and hubs publish them."""

from pathlib import Path

import pytest

from interfix.inference_types import NEEDED_ROLES, Role
from interfix.models.kind_detection import detect_kind, detect_kind_by_name, has_reasoning_name, is_next_edit_model
from interfix.models.model_header import read_header
from interfix.models.role_check import find_refusal, find_remote_refusal
from tests.effort import take_share
from tests.unit.models.model_files import build_gguf

INSTRUCT = [
    "Qwen3-8B",
    "Qwen3-0.6B",
    "qwen3:8b",
    "Qwen/Qwen3-32B-AWQ",
    "Qwen3-4B-Instruct-2507",
    "Qwen3-4B-Thinking-2507",
    "Qwen3-30B-A3B",
    "Qwen3.5-0.8B",
    "qwen3.5:4b",
    "Qwen3.5-2B",
    "Qwen3-Coder-30B-A3B-Instruct",
    "Qwen3-Coder-Next",
    "Qwen3-Next-80B-A3B-Thinking",
    "QwQ-32B",
    "QwQ-32B-Preview",
    "qwq:32b",
    "DeepSeek-R1-Distill-Qwen-1.5B",
    "DeepSeek-R1-0528-Qwen3-8B",
    "R1-Distill-Llama-8B",
    "deepseek-r1:7b",
    "DeepSeek-V3",
    "granite-4.0-350m",
    "granite-4.0-h-1b",
    "granite-4.0-micro",
    "granite4:micro-h",
    "SmolLM3-3B",
    "gpt-oss-20b",
    "gpt-oss:20b",
    "Phi-4-mini-reasoning",
    "Phi-3.5-mini-instruct",
    "Magistral-Small-2506",
    "Mellum2-12B-A2.5B-Instruct",
    "Mellum2-12B-A2.5B-Thinking",
    "Seed-Coder-8B-Instruct",
    "Seed-Coder-8B-Reasoning",
    "gemma-3-4b-it",
    "gemma-3n-E2B-it",
    "codegemma-7b-it",
    "GLM-4-9B-0414",
    "ERNIE-4.5-0.3B-PT",
    "LFM2-1.2B",
    "Qwen2.5-Coder-7B-Instruct",
    "SmolLM2-135M-Instruct",
    "CodeLlama-7b-Instruct-hf",
    "Qwen1.5-7B-Chat",
]
BASE = [
    "Qwen3-8B-Base",
    "Qwen3.5-0.8B-Base",
    "Qwen3.5-4B-Base",
    "Qwen2.5-Coder-1.5B",
    "Qwen2.5-Coder-0.5B",
    "qwen2.5-coder:1.5b-base",
    "granite-4.0-350m-base",
    "granite-4.0-h-1b-base",
    "granite-4.0-h-micro-base",
    "SmolLM3-3B-Base",
    "Mellum-4b-base",
    "Mellum2-12B-A2.5B-Base",
    "Seed-Coder-8B-Base",
    "gemma-3-1b-pt",
    "gemma-3-270m-pt",
    "Qwen2.5-1.5B",
    "starcoder2-3b",
    "deepseek-coder-1.3b-base",
    "codellama:7b-code",
    "CodeLlama-7b-hf",
    "ERNIE-4.5-0.3B-Base-PT",
    "granite-3b-code-base-2k",
]
NEXT_EDIT = [
    "sweep-next-edit-1.5B",
    "sweepai/sweep-next-edit-0.5b",
    "sweep-next-edit-1.5b.q8_0.v2",
    "Sweep-Next-Edit-7B",
    "zed-industries/zeta",
    "zeta-2",
    "zeta-2.1",
    "hf.co/zed-industries/zeta:Q8_0",
    "continuedev/instinct",
]


NAMED = [*((each, Role.INSTRUCT) for each in INSTRUCT), *((each, Role.BASE) for each in BASE)]


@pytest.mark.parametrize(("name", "role"), NAMED)
def test_a_name_tells_what_a_model_is_for(name: str, role: Role) -> None:
    assert detect_kind_by_name(name).role is role
    assert not is_next_edit_model(name)


@pytest.mark.parametrize(("name", "role"), take_share(NAMED))
@pytest.mark.parametrize("spelling", ["-", " "])
def test_a_file_of_that_name_is_for_the_same(name: str, role: Role, spelling: str, tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(build_gguf({"general.architecture": "qwen2", "general.name": name.replace("-", spelling)}))
    assert detect_kind(read_header(path)).role is (Role.BASE if ":7b-code" in name else role)


@pytest.mark.parametrize("name", NEXT_EDIT)
def test_a_next_edit_model_serves_its_own_role_only(name: str, tmp_path: Path) -> None:
    by_file, by_header = tmp_path / f"{name.replace('/', '_')}.gguf", tmp_path / "m.gguf"
    by_file.write_bytes(build_gguf({"general.name": "Model"}))
    by_header.write_bytes(build_gguf({"general.name": name, "general.basename": "Qwen2.5-Coder"}))
    for role in NEEDED_ROLES:
        assert "next edit" in find_refusal("m", by_file, role)
        assert "next edit" in find_refusal("m", by_header, role)
        assert "next edit" in find_remote_refusal(name, (), role)
    has_layout = "instinct" not in name
    for says in (find_refusal("m", by_file, Role.NEXT_EDIT), find_refusal("m", by_header, Role.NEXT_EDIT)):
        assert (says == "") is has_layout
    assert (find_remote_refusal(name, (), Role.NEXT_EDIT) == "") is has_layout


@pytest.mark.parametrize("name", ["sweeper-chat-7b", "zetaplan-1b", "Qwen2.5-Coder-1.5B", "instincts-7b"])
def test_other_models_are_no_next_edit_models(name: str) -> None:
    assert not is_next_edit_model(name)
    assert "was not tuned to propose the next edit" in find_remote_refusal(name, (), Role.NEXT_EDIT)


def test_what_the_file_says_counts_before_its_line(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(build_gguf({"general.name": "Qwen3 8B", "general.finetune": "Base", "tokenizer.chat_template": "x"}))
    assert detect_kind(read_header(path)).role is Role.BASE
    path.write_bytes(build_gguf({"general.name": "Qwen2.5 Coder 1.5B", "general.finetune": "Thinking"}))
    assert detect_kind(read_header(path)).role is Role.INSTRUCT


@pytest.mark.parametrize(
    "name", ["DeepSeek-R1-Distill-Qwen-1.5B", "QwQ-32B", "Qwen3-4B-Thinking-2507", "qwen3.5:4b", "deepseek-r1:7b"]
)
def test_models_whose_template_begins_the_reasoning_are_known(name: str) -> None:
    assert has_reasoning_name(name)


@pytest.mark.parametrize("name", ["Qwen2.5-Coder-7B-Instruct", "Qwen3-8B", "gpt-4o", "Llama-3.1-8B-Instruct", "qwen3:8b"])
def test_other_models_stream_at_once(name: str) -> None:
    assert not has_reasoning_name(name)
