"""Compiles llama.cpp where no prebuilt library can be used, from the sources of llama-cpp-python, with tools of its own.

On Linux the ziglang wheel is the compiler: gcc before 12.4 and 13.3 drops AMX instructions, and every gcc tried is slower.
"""

import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from pathlib import Path

from interfix.engine.llamacpp.packages import get_binding as pinned_binding
from interfix.errors import UnavailableError
from interfix.models.pull.source_progress_and_errors import PullProgress

COMPILING = "compiling, some minutes"

_TOOLS = ("scikit-build-core[pyproject]>=0.9.2,<2", "cmake>=3.27,<5", "ninja>=1.11,<2", "pip")
_ZIG = "ziglang==0.15.1"
_ZIG_MACHINES = ("linux-x86_64", "linux-aarch64")
# llama.cpp's helpers for its programs are more than half of the work, and never installed.
_WITHOUT_COMMON = 'set(LLAMA_BUILD_COMMON OFF CACHE BOOL "" FORCE)\n'
_FLAGS = "-DLLAVA_BUILD=OFF -DGGML_OPENMP=OFF"


def compile_library(directory: Path, progress: PullProgress) -> Path:
    """The folder of the compiled libraries below `directory`, compiled if it is not there yet.

    Raises `UnavailableError` with the compiler's last words where it cannot be done.
    """
    binding = pinned_binding()
    folder = directory / f"compiled-{binding.version}"
    if folder.is_dir():
        return folder
    with tempfile.TemporaryDirectory(prefix="llama.cpp-", dir=directory) as temporary:
        work = Path(temporary)
        python = _make_environment(work / "environment")
        pinned = work / "requirements.txt"
        pinned.write_text(f"llama-cpp-python=={binding.version} --hash=sha256:{binding.sha256}\n", "utf-8")
        command = [str(python), "-m", "pip", "wheel", "-v", "--no-deps", "--no-build-isolation", "--no-binary", ":all:"]
        _run([*command, "--wheel-dir", str(work), "-r", str(pinned)], _build_variables(work, python), progress)
        _unpack(next(work.glob("*.whl")), work / "lib")
        (work / "lib").rename(folder)
    return folder


def _make_environment(folder: Path) -> Path:
    """The interpreter of an environment with the tools that the build needs."""
    uv = shutil.which("uv")
    tools = [*_TOOLS, *([_ZIG] if sysconfig.get_platform() in _ZIG_MACHINES else [])]
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if uv:
        _run([uv, "venv", "--quiet", "--python", sys.executable, str(folder)])
        _run([uv, "pip", "install", "--quiet", "--python", str(python), *tools])
    else:
        _run([sys.executable, "-m", "venv", str(folder)])
        _run([str(python), "-m", "pip", "install", "--quiet", *tools])
    return python


def _build_variables(work: Path, python: Path) -> dict[str, str]:
    include = work / "without_common.cmake"
    include.write_text(_WITHOUT_COMMON, "utf-8")
    flags = f"{_FLAGS} -DCMAKE_PROJECT_llama.cpp_INCLUDE={include}"
    variables = {**os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    if sysconfig.get_platform() in _ZIG_MACHINES:
        # Zig's libraries each have a libc++ of their own, whose symbols must not be taken from one another.
        flags += " -DCMAKE_SHARED_LINKER_FLAGS=-Wl,-Bsymbolic"
        variables |= {"CC": "python-zig cc", "CXX": "python-zig c++"}
    return {**variables, "CMAKE_ARGS": f"{flags} {os.environ.get('CMAKE_ARGS', '')}".strip()}


def _run(command: list[str], variables: dict[str, str] | None = None, progress: PullProgress | None = None) -> None:
    """Run a command to its end; of ninja's lines, such as [12/83], the steps are told."""
    last = ""
    try:
        with subprocess.Popen(
            command, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                last = line.strip() or last
                if progress and (step := re.match(r"\s*\[(\d+)/(\d+)\]", line)):
                    progress(COMPILING, int(step[1]), int(step[2]))
    except OSError as error:
        raise UnavailableError(f"llama.cpp could not be compiled: {command[0]} cannot be run ({error.strerror}).") from error
    if process.returncode:
        raise UnavailableError(f"llama.cpp could not be compiled; the last that was said: {last[-300:]}")


def _unpack(wheel: Path, folder: Path) -> None:
    """Put the wheel's shared libraries beside each other."""
    folder.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            name = Path(member.filename).name
            if re.search(r"\.(so|dylib|dll)(\.[\d.]+)?$", name):
                (folder / name).write_bytes(archive.read(member))
