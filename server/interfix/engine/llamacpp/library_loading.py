"""Loads llama.cpp's shared libraries from a folder, whatever their files are called, with llama-cpp-python's declarations."""

import ctypes
import functools
import importlib
import logging
import os
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from interfix.errors import UnavailableError

log = logging.getLogger(__name__)


class NativeLibraries(msgspec.Struct, frozen=True):
    """The libraries in this process."""

    llama: Any
    """The module of llama-cpp-python that declares llama.h."""
    ggml: Any
    """The library of ggml.h and ggml-backend.h, without declarations."""


def load_libraries(folder: Path, binding: Path) -> NativeLibraries:
    """Load the libraries of `folder` by the declarations below `binding`. Once a process: the binding keeps them in its module.

    Raises `UnavailableError` where they cannot be loaded.
    """
    package = ModuleType("llama_cpp")
    # Its own __init__ would load the high-level part, too, and what that depends on.
    package.__path__ = [str(binding / "llama_cpp")]
    sys.modules["llama_cpp"] = package
    try:
        extensions = importlib.import_module("llama_cpp._ctypes_extensions")
        extensions.load_shared_library = functools.partial(_open_library, folder=folder)  # type: ignore[attr-defined]
        ggml = _open_library("ggml", folder=folder)
        llama = importlib.import_module("llama_cpp.llama_cpp")
    except (OSError, ImportError, AttributeError, RuntimeError) as error:
        raise UnavailableError(f"llama.cpp's library in {folder} cannot be loaded: {error}.") from error
    llama.llama_log_set(_make_log_callback(llama), ctypes.c_void_p(0))
    if not _devices(ggml):  # a build that keeps its processor's variants in files of their own
        ggml.ggml_backend_load_all_from_path(ctypes.c_char_p(os.fsencode(folder)))
    if not _devices(ggml):
        raise UnavailableError(f"llama.cpp's library in {folder} has no code for this processor.")
    llama.llama_backend_init()
    return NativeLibraries(llama, ggml)


class _Library(ctypes.CDLL):
    """A library that may lack functions that are declared: older builds do. `abi_check` sees that none is missing that is used."""

    def __getattr__(self, name: str) -> Any:
        try:
            return super().__getattr__(name)
        except AttributeError:
            if name.startswith("_"):
                raise
            return _MissingFunction(name)


class _MissingFunction:
    """Stands for a function that the library does not have."""

    def __init__(self, name: str) -> None:
        self.symbol = name

    def __call__(self, *_: object) -> None:
        raise UnavailableError(f"This build of llama.cpp has no {self.symbol}.")


def has_function(llama: Any, name: str) -> bool:
    """Whether the library has a function that is declared."""
    return not isinstance(getattr(llama, name), _MissingFunction)


_opened: dict[Path, _Library] = {}
_callbacks: list[object] = []


def _open_library(name: str, _folder: object = None, *, folder: Path) -> _Library:
    """The library `name` of a folder: libNAME.so, libNAME.v1.2.so, libNAME.so.1, NAME.dll and so on."""
    ending = {"darwin": ".dylib", "win32": ".dll"}.get(sys.platform, ".so")
    prefix = "" if sys.platform == "win32" else "lib"
    spellings = (f"{prefix}{name}{ending}", f"{prefix}{name}.*{ending}", f"{prefix}{name}{ending}.*")
    files = [path for spelling in spellings for path in sorted(folder.glob(spelling))]
    path = next((path for path in files if path.is_file()), None)
    if path is None:
        raise OSError(f"it has no {prefix}{name}{ending}")
    if path not in _opened:
        _opened[path] = _Library(str(path))
    return _opened[path]


def _devices(ggml: Any) -> int:
    ggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    return int(ggml.ggml_backend_dev_count())


_SERIOUS = (3, 4)  # ggml's levels: warning and error


def _make_log_callback(llama: Any) -> object:
    def to_log(level: int, text: bytes, _data: object) -> None:
        if level in _SERIOUS:
            log.debug("llama.cpp: %s", text.decode("utf-8", "replace").rstrip())

    callback = llama.llama_log_callback(to_log)
    _callbacks.append(callback)  # llama.cpp holds its address
    return callback
