"""The catalog is data that holds together."""

import re
from pathlib import Path

import pytest

from interfix.errors import UsageError
from interfix.inference_types import NEEDED_ROLES, Role
from interfix.models import catalog
from interfix.models.kind_detection import detect_kind, is_next_edit_model
from interfix.models.memory_estimate import estimate_from_entry
from interfix.models.model_header import read_header
from interfix.prompt.families import ModelIdentity, detect_family
from tests.unit.models.model_files import build_gguf
from tests.unit.prompt.fake_tokenizer import FakeTokenizer


def test_every_model_has_a_file_of_its_own_and_a_role() -> None:
    entries = catalog.list_entries()
    assert len({entry.file for entry in entries}) == len(entries)
    assert [entry.name for entry in entries if not entry.roles] == ["gemma-3-270m"], "base weights without infill tokens"
    assert all(entry.file.endswith(".gguf") and entry.hub.count("/") == 1 for entry in entries)


def test_pieces_make_up_the_whole_and_can_be_verified() -> None:
    cut = [(entry, entry.pieces) for entry in catalog.list_entries() if entry.pieces is not None]
    assert cut
    for entry, pieces in cut:
        assert re.fullmatch("[0-9a-f]{64}", entry.sha256)
        assert pieces.bytes * (pieces.count - 1) < entry.bytes <= pieces.bytes * pieces.count


def test_the_catalog_spans_the_sizes_and_families_in_both_roles() -> None:
    entries = catalog.list_entries()
    assert len(entries) >= 14
    families = {entry.family for entry in entries}
    assert {"qwen2.5-coder", "qwen3-coder", "deepseek-coder", "codellama", "starcoder2", "granite-code"} <= families
    assert {"codegemma", "codestral", "mellum", "seed-coder", "smollm2"} <= families
    assert {"qwen3.5", "granite-4.0", "granite-4.0-h", "mellum2", "smollm3", "gemma-3"} <= families
    for parameters in ("0.5B", "1.5B", "3B", "7B", "14B"):
        roles = {
            role for entry in entries if (entry.family, entry.parameters) == ("qwen2.5-coder", parameters) for role in entry.roles
        }
        assert roles == set(NEEDED_ROLES)


def test_licences_that_forbid_commercial_use_are_marked() -> None:
    forbidding = {entry.licence for entry in catalog.list_entries() if not entry.commercial}
    assert forbidding == {"Qwen-Research", "MNPL-0.1"}
    assert not {entry.licence for entry in catalog.list_entries() if entry.commercial} & forbidding


@pytest.mark.parametrize("entry", [entry for entry in catalog.list_entries() if entry.name.startswith("qwen2.5-coder-1.5b")])
def test_the_default_needs_the_memory_llama_cpp_takes(entry: catalog.CatalogEntry) -> None:
    assert estimate_from_entry(entry).kv == 112 << 20, "as llama.cpp reports it for 4,096 tokens"


def test_unknown_name_brings_the_nearest() -> None:
    with pytest.raises(
        UsageError, match=r"no model called qwen-coder-1\.5-instruct\. The nearest is qwen2\.5-coder-1\.5b-instruct;"
    ):
        catalog.find_entry("qwen-coder-1.5-instruct")


def test_variants_of_a_size_know_each_other() -> None:
    base, instruct = catalog.find_entry("qwen2.5-coder-0.5b"), catalog.find_entry("Qwen2.5-Coder-0.5B-Instruct")
    assert base.find_variant(Role.INSTRUCT) == instruct
    assert instruct.find_variant(Role.BASE) == base


@pytest.mark.parametrize("entry", catalog.list_entries(), ids=lambda entry: entry.name)
def test_a_file_called_as_the_catalog_has_it_is_what_the_catalog_says(entry: catalog.CatalogEntry, tmp_path: Path) -> None:
    """By its name alone: the family can infill where the catalog says so, and a file of one role is not taken for the other."""
    path = tmp_path / entry.file
    path.write_bytes(build_gguf({"general.architecture": "llama", "general.name": Path(entry.file).stem}))
    family = detect_family(FakeTokenizer(files=False), ModelIdentity(Path(entry.file).stem))
    kind = detect_kind(read_header(path))
    assert not is_next_edit_model(entry.name, entry.file)
    if Role.BASE in entry.roles:
        assert family.no_infill_reason == ""
    if entry.roles == (Role.INSTRUCT,):
        assert kind.role is Role.INSTRUCT
    if entry.roles == (Role.BASE,) and "base" in entry.file.lower():
        assert kind.role is Role.BASE
