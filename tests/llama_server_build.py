"""llama.cpp's own server, for the tests of remote engines: built against the library that is installed, so that both compute alike.

Only the server itself is compiled, from the source distribution that `uv.lock` pins: three minutes of one core, once a version.
Run it as `uv run --no-sync --with cmake --with ninja --with ziglang python tests/llama_server_build.py`; the tests take what is there and
never build.
"""

import hashlib
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import llama_cpp
from platformdirs import user_cache_path

from interfix.engine import llama_library
from llamacpp_sdist import open_sdist

_SOURCES = ("tools", "common", "vendor", "cmake", "scripts", "include", "ggml/include", "src")
_CMAKE = """\
cmake_minimum_required(VERSION 3.21)
project(llama_server C CXX)
set(PROJECT_SOURCE_DIR ${LLAMA})
set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)
set(CMAKE_INSTALL_RPATH ${LIBRARIES})
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
set(LLAMA_BUILD_COMMON ON)
find_package(Threads REQUIRED)
include(${LLAMA}/cmake/license.cmake)
function(llama_add_compile_flags)
endfunction()
foreach(name ggml-base ggml-cpu ggml llama llama-common)
  add_library(${name} SHARED IMPORTED GLOBAL)
  set_target_properties(${name} PROPERTIES IMPORTED_LOCATION ${LIBRARIES}/lib${name}.so)
endforeach()
target_include_directories(ggml INTERFACE ${LLAMA}/ggml/include)
target_include_directories(llama INTERFACE ${LLAMA}/include ${LLAMA}/ggml/include)
target_include_directories(llama-common INTERFACE ${LLAMA}/common ${LLAMA}/include ${LLAMA}/ggml/include ${LLAMA}/vendor)
target_compile_definitions(llama-common INTERFACE LLAMA_SUBPROCESS)
target_link_libraries(llama-common INTERFACE llama ggml ggml-base)
foreach(part vendor tools/mtmd tools/ui tools/server)
  string(REPLACE "tools/" "" folder ${part})
  add_subdirectory(${LLAMA}/${part} ${folder})
endforeach()
"""
_FLAGS = (
    "-DBUILD_SHARED_LIBS=OFF",
    "-DLLAMA_OPENSSL=OFF",
    "-DLLAMA_USE_PREBUILT_UI=OFF",
    "-DLLAMA_BUILD_UI=OFF",
    "-DMTMD_VIDEO=OFF",
)


def server_path() -> Path:
    """Where the server is for the library that is installed here, whether or not it was built yet."""
    build = hashlib.sha256(f"{_CMAKE}{llama_library.identify_build()}".encode()).hexdigest()[:12]
    return user_cache_path("interfix") / "tests" / f"llama-server-{build}"


def library_folder() -> Path:
    """Where the shared libraries are that it is built against and needs to run."""
    return Path(llama_cpp.__file__).parents[1] / "lib"


def main() -> None:
    """Build it, unless it is there."""
    target = server_path()
    if target.exists():
        print(f"{target} is there")
        return
    with tempfile.TemporaryDirectory(prefix="llama-server-") as folder:
        source = Path(folder) / "llama.cpp"
        with open_sdist() as archive:
            _unpack(archive, source)
        (Path(folder) / "CMakeLists.txt").write_text(_CMAKE)
        environment = {**os.environ, "CC": "python-zig cc", "CXX": "python-zig c++"}
        paths = (f"-DLLAMA={source}", f"-DLIBRARIES={library_folder()}")
        configure = ("cmake", "-G", "Ninja", "-B", "build", "-DCMAKE_CXX_FLAGS=-O1 -g0", *paths, *_FLAGS, ".")
        for command in (configure, ("ninja", "-C", "build", "llama-server")):
            subprocess.run(command, cwd=folder, env=environment, check=True, stdout=sys.stderr)
        target.parent.mkdir(parents=True, exist_ok=True)
        partial = target.with_suffix(".partial")
        partial.write_bytes((Path(folder) / "build" / "llama-server").read_bytes())
        partial.chmod(0o755)
        partial.rename(target)
    print(f"built {target}")


def _unpack(archive: Path, target: Path) -> None:
    wanted = tuple(f"vendor/llama.cpp/{part}/" for part in _SOURCES)
    with tarfile.open(archive) as tar:
        for member in tar:
            _, _, name = member.name.partition("/")
            if name.startswith(wanted) and (file := tar.extractfile(member)):
                path = target / name.removeprefix("vendor/llama.cpp/")
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(file.read())


if __name__ == "__main__":
    main()
