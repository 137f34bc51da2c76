"""Headers with faults: each is read within bounds or refused with a sentence, and none hides another file of the folder.

About `models/model_header.py` and what reads it.
"""

import os
import tracemalloc
from pathlib import Path

import pytest

from interfix.errors import UsageError
from interfix.models import store
from interfix.models.kind_detection import detect_kind
from interfix.models.memory_estimate import estimate_from_header, estimate_offload
from interfix.models.model_header import read_header
from tests.unit.models.header_mutations import mutate_header, set_number
from tests.unit.models.model_files import BASE_METADATA, build_gguf
from tests.unit.system.file_traps import TRAPS


def describe(path: Path) -> str:
    """All that is made of a header; the sentence where there is none."""
    try:
        header = read_header(path)
    except UsageError as error:
        return str(error)
    detect_kind(header)
    assert 0 <= estimate_from_header(header).total < 1 << 80
    assert 0 <= estimate_offload(header, 4096, 2).layer_count <= 10_001
    return ""


@pytest.mark.parametrize("start", range(0, 400, 100))
def test_mutated_header_is_read_or_refused_in_a_sentence(start: int, tmp_path: Path) -> None:
    refused = 0
    for seed in range(start, start + 100):
        path = tmp_path / f"{seed}.gguf"
        path.write_bytes(mutate_header(seed))
        if said := describe(path):
            refused += 1
            assert str(path) in said
            assert len(said) < 600
            assert said.endswith(".")
    assert 10 < refused < 100, "some faults are seen, and some change nothing that matters"
    assert len(store.list_installed(tmp_path)) == 100


@pytest.mark.parametrize("key", ["qwen2.block_count", "qwen2.embedding_length", "qwen2.attention.head_count", "qwen2.vocab_size"])
@pytest.mark.parametrize("number", [400_000_000, 2**32 - 1, 2**63, 2**64 - 1])
def test_number_that_makes_no_sense_takes_no_memory(key: str, number: int, tmp_path: Path) -> None:
    (path := tmp_path / "model.gguf").write_bytes(set_number(key, number))
    tracemalloc.start()
    try:
        describe(path)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.skipif(os.name == "nt", reason="FIFOs, devices and links of POSIX")
def test_whatever_else_lies_in_the_models_folder_the_models_are_listed(tmp_path: Path) -> None:
    for number, make in enumerate(TRAPS.values()):
        make(tmp_path / f"trap{number}.gguf")
    (tmp_path / "empty.gguf").touch()
    (tmp_path / os.fsdecode(b"caf\xe9.gguf")).write_bytes(build_gguf(BASE_METADATA))
    (tmp_path / "mine.gguf").write_bytes(build_gguf(BASE_METADATA))
    found = {model.name: model for model in store.list_installed(tmp_path)}
    assert found["mine"].problem == ""
    assert found["mine"].roles
    assert "Rename it" in found["caf\ufffd"].problem
    assert all(model.problem for name, model in found.items() if name != "mine")


def write_shards(folder: Path, count: int = 3) -> list[Path]:
    """A model in several files, the keys in the first."""
    paths = [folder / f"big-{number:05}-of-{count:05}.gguf" for number in range(1, count + 1)]
    for number, path in enumerate(paths):
        path.write_bytes(build_gguf({**BASE_METADATA, "split.no": number, "split.count": count}, weights=200_000 * (number + 1)))
    return paths


def test_model_in_several_files_is_one_of_all_their_weights(tmp_path: Path) -> None:
    paths = write_shards(tmp_path)
    header = read_header(paths[0])
    assert (header.weights, header.tensors, header.parameters) == (1_200_000, 3, 300_000)
    assert header.bytes == sum(path.stat().st_size for path in paths)
    (listed,) = store.list_installed(tmp_path)
    assert (listed.path, listed.bytes, listed.problem) == (str(paths[0]), header.bytes, "")
    assert store.remove(listed.name, tmp_path) == paths[0]
    assert list(tmp_path.iterdir()) == []


def test_later_file_of_a_model_names_the_first(tmp_path: Path) -> None:
    paths = write_shards(tmp_path)
    with pytest.raises(UsageError, match=r"is file 2 of 3 of a model\. Name the first one: big-00001-of-00003\.gguf"):
        read_header(paths[1])


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_missing_file_of_a_model_is_named(tmp_path: Path, gone: int) -> None:
    paths = write_shards(tmp_path)
    paths[gone].unlink()
    (listed,) = store.list_installed(tmp_path)
    assert f"{paths[gone].name} is missing" in listed.problem
    assert listed.roles == ()


def test_damaged_file_of_a_model_is_named(tmp_path: Path) -> None:
    paths = write_shards(tmp_path)
    paths[2].write_bytes(paths[2].read_bytes()[:-1])
    with pytest.raises(UsageError, match=r"big-00003-of-00003\.gguf is damaged"):
        read_header(paths[0])


def test_file_of_a_model_under_another_name_is_told(tmp_path: Path) -> None:
    path = write_shards(tmp_path)[0].rename(tmp_path / "other.gguf")
    with pytest.raises(UsageError, match="NAME-00001-of-00003"):
        read_header(path)
