"""The prebuilt llama.cpp packages that this version of Interfix is pinned to, and its Python binding."""

import hashlib
import tomllib
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

Variant = Literal["cpu", "vulkan", "cuda", "metal"]
"""What a build can compute with besides the processor."""


class Binding(msgspec.Struct, frozen=True):
    """The source distribution of llama-cpp-python. Its Python files lie in the first `head_bytes`, so only those are fetched."""

    version: str
    sha256: str
    """Of the whole file."""
    bytes: int
    """Of the whole file."""
    head_sha256: str
    """Of the first `head_bytes`."""
    head_bytes: int

    @property
    def folder(self) -> str:
        """Name of the folder it is unpacked to."""
        return f"llama-cpp-python-{self.version}"

    @property
    def file(self) -> str:
        """Name of the archive."""
        return f"llama_cpp_python-{self.version}.tar.gz"


class Package(msgspec.Struct, frozen=True):
    """One archive of shared libraries, for one kind of machine."""

    name: str
    """In npm's scope `SCOPE`."""
    version: str
    """Of the package."""
    llama_cpp: str
    """Of the llama.cpp inside."""
    system: str
    """As `sys.platform` has it: linux, darwin, win32."""
    machine: str
    """Architecture: x86_64 or arm64."""
    variant: Variant
    sha512: str
    """Of the archive, in Base64."""
    bytes: int
    """Size of the archive."""
    glibc: str = ""
    """The oldest glibc that loads it; empty where there is no such bound."""

    @property
    def folder(self) -> str:
        """Name of the folder it is unpacked to."""
        return f"{self.name}-{self.version}"

    @property
    def file(self) -> str:
        """Name of the archive."""
        return f"{self.folder}.tgz"


NPM_SCOPE = "@node-llama-cpp"


class _Pins(msgspec.Struct, frozen=True):
    binding: Binding
    packages: tuple[Package, ...]


@cache
def _load_pins() -> _Pins:
    return msgspec.convert(tomllib.loads(_read_text()), _Pins)


@cache
def _read_text() -> str:
    return resources.files(__package__).joinpath("packages.toml").read_text("utf-8")


@cache
def identify_pins() -> str:
    """What tells one set of pinned packages from another."""
    return hashlib.blake2s(_read_text().encode(), digest_size=8).hexdigest()


def get_binding() -> Binding:
    """The Python binding."""
    return _load_pins().binding


def list_packages() -> tuple[Package, ...]:
    """Every package."""
    return _load_pins().packages
