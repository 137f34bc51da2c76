"""Which build of llama.cpp computes, and the processor features that it uses."""

from pathlib import Path

from interfix.engine.llamacpp.loaded_library import library, llama
from interfix.engine.llamacpp.packages import get_binding


def identify_build() -> str:
    """What tells one native build from another: version, file size and time of the library."""
    file = next(file for file in sorted(Path(library.folder).glob("*llama*")) if file.is_file())
    status = file.stat()
    return f"{library.name}-{status.st_size}-{int(status.st_mtime)}"


def read_binding_version() -> str:
    """Which llama.cpp computes, and by which binding."""
    return f"{library.name}, llama-cpp-python {get_binding().version}"


def list_cpu_features() -> str:
    """The processor features and backends that the build uses here, as llama.cpp names them."""
    report = llama.llama_print_system_info().decode("utf-8", "replace")
    return " ".join(
        name.split(":")[-1].strip()
        for name, _, used in (item.partition(" = ") for item in report.split("|"))
        if used.strip() == "1"
    )
