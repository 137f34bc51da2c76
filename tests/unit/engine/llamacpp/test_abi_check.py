"""A library that is not what its declarations say is found out, even where it would decode."""

import ctypes
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from interfix.config.settings_loader import resolve_settings
from interfix.engine.llamacpp import abi_check, library_loading, loaded_library
from interfix.engine.llamacpp.abi_check import EXPECTED_DEFAULTS, USED_FUNCTIONS, AbiMismatchError
from interfix.engine.llamacpp.library_loading import NativeLibraries
from interfix.engine.llamacpp.library_selection import prepare_library
from tests.abi_model_writer import TARGET, write_abi_model

SOURCES = Path(abi_check.__file__).parents[1]
SETTERS = r"\bparams\.(\w+)(?: = params\.(\w+))* ="


def run_check(folder: str, declarations: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-P", "-m", "interfix.engine.llamacpp.abi_check_main", folder, declarations]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_the_model_is_what_its_writer_writes(tmp_path: Path) -> None:
    assert write_abi_model(tmp_path / "model.gguf").read_bytes() == TARGET.read_bytes()


def test_the_library_that_computes_here_is_right() -> None:
    library = prepare_library(resolve_settings().settings.engine)
    done = run_check(library.folder, library.binding)
    assert done.returncode == 0, done.stderr


def test_the_functions_that_are_asked_for_are_those_that_are_called() -> None:
    called = set()
    for file in SOURCES.rglob("*.py"):
        if file.name != "abi_check.py":
            called |= set(re.findall(r"\bllama\.(llama_\w+)\(", file.read_text("utf-8")))
    assert called - {"llama_log_callback", "llama_token"} == {*USED_FUNCTIONS}


def create_struct(function: str) -> Any:
    return getattr(loaded_library.llama, function)()


def shift_struct(function: str, field: str) -> Any:
    """The defaults as a binding without that field would read them: what another version of llama.cpp does to them."""
    real = create_struct(function)
    fields = [(name, type_) for name, type_ in real._fields_ if name != field]
    other = type("Shifted", (ctypes.Structure,), {"_fields_": fields})
    data = bytes(real)
    return other.from_buffer_copy(data + bytes(max(0, ctypes.sizeof(other) - len(data))))


def with_shift(function: str, field: str) -> NativeLibraries:
    """The real library, but for the struct of one function."""
    names = {name: getattr(loaded_library.llama, name) for name in (*USED_FUNCTIONS, *EXPECTED_DEFAULTS)}
    return NativeLibraries(SimpleNamespace(**{**names, function: lambda: shift_struct(function, field)}), loaded_library.ggml)


def list_moving_fields() -> Iterator[tuple[str, str]]:
    """Every field whose absence moves one that Interfix sets."""
    set_by_us = {
        name for file in SOURCES.rglob("*.py") for names in re.findall(SETTERS, file.read_text("utf-8")) for name in names if name
    }
    for function in EXPECTED_DEFAULTS:
        real = create_struct(function)
        for field, _ in real._fields_:
            other = shift_struct(function, field)
            places = {name: getattr(type(other), name).offset for name, _ in other._fields_}
            if field == "type_k":
                continue  # type_v, which follows it and has its value, is read in its place: the defaults tell nothing
            if any(name in set_by_us and places[name] != getattr(type(real), name).offset for name in places):
                yield function, field


@pytest.mark.parametrize(("function", "field"), sorted(list_moving_fields()))
def test_a_field_that_is_missing_is_found_out(function: str, field: str) -> None:
    with pytest.raises(AbiMismatchError, match=f"{function} has "):
        abi_check.check_library(with_shift(function, field))


def test_shifts_that_would_matter_were_tried() -> None:
    assert {function for function, _ in list_moving_fields()} == {*EXPECTED_DEFAULTS}
    assert len(list(list_moving_fields())) > 30


@pytest.fixture
def declarations(tmp_path: Path) -> Path:
    """A copy of the binding, to be damaged."""
    library = prepare_library(resolve_settings().settings.engine)
    shutil.copytree(library.binding, tmp_path / "binding")
    return tmp_path / "binding/llama_cpp/llama_cpp.py"


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ('        ("lazy_mode", ctypes.c_int),\n', ""),  # as version 0.3.35 has it, whose library decodes all the same
        ('("n_batch", ctypes.c_uint32)', '("n_batch", ctypes.c_uint64)'),
        ('("token", ctypes.POINTER(llama_token)),\n', '("odd", ctypes.c_void_p), ("token", ctypes.POINTER(llama_token)),\n'),
        ('"llama_tokenize"', '"llama_tokenise"'),
        ("llama_vocab_bos", "llama_vocab_bow"),
    ],
)
def test_a_binding_of_another_version_is_refused_by_its_process(declarations: Path, right: str, wrong: str) -> None:
    text = declarations.read_text("utf-8")
    assert right in text
    declarations.write_text(text.replace(right, wrong), "utf-8")
    done = run_check(prepare_library(resolve_settings().settings.engine).folder, str(declarations.parents[1]))
    assert done.returncode
    assert "Traceback" not in done.stderr


def test_a_function_that_is_missing_says_so_when_it_is_called() -> None:
    missing = library_loading._MissingFunction("llama_new")
    with pytest.raises(Exception, match=r"This build of llama\.cpp has no llama_new\."):
        missing()
