"""What is known of a model's confidence is found by whatever name the model has."""

from pathlib import Path

import msgspec
import pytest

from interfix.completion.calibration_store import find_calibration
from interfix.completion.confidence import UNCALIBRATED
from interfix.models.catalog import CatalogEntry, list_entries

OTHER = msgspec.structs.replace(UNCALIBRATED, threshold=0.5)


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("qwen2.5-coder-1.5b-instruct", True),
        ("qwen2.5-coder-1.5b-instruct-q4_k_m", True),
        ("Qwen2.5-Coder-1.5B-Instruct-Q8_0", True),
        ("Qwen2.5-Coder-1.5B-Instruct.IQ4_XS", True),
        ("Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF", True),
        ("bartowski/Qwen2.5-Coder-1.5B-Instruct-GGUF:Q4_K_M", True),
        ("qwen2.5-coder:1.5b-instruct-fp16", True),
        ("/models/qwen2.5-coder-1.5b-instruct-bf16.gguf", True),
        ("qwen2.5-coder-1.5b", False),
        ("qwen2.5-coder-1.5b-base-q4_k_m", False),
        ("qwen2.5-coder-7b-instruct-q4_k_m", False),
        ("qwen2.5-coder-1.5b-instruct-mine", False),
        ("", False),
    ],
)
def test_a_calibration_holds_for_the_model_in_whatever_file(name: str, known: bool) -> None:
    assert (find_calibration({"qwen2.5-coder-1.5b-instruct": OTHER}, name) is OTHER) == known


def test_what_was_fitted_to_a_file_goes_before_what_holds_for_its_model() -> None:
    known = {"small": UNCALIBRATED, "small-q8_0": OTHER}
    assert find_calibration(known, "small-q8_0") is OTHER
    assert find_calibration(known, "small-q4_0") is UNCALIBRATED


@pytest.mark.parametrize("entry", list_entries(), ids=lambda entry: entry.name)
def test_the_files_of_the_catalog_are_known_by_their_entries(entry: CatalogEntry) -> None:
    known = {each.name: UNCALIBRATED for each in list_entries()} | {entry.name: OTHER}
    assert find_calibration(known, Path(entry.file).stem) is OTHER
