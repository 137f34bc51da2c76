"""llama.cpp in this process, by llama-cpp-python's declarations. Importing this module loads the library that suits the machine.

Where none is installed yet it is fetched first, so whoever has somebody waiting calls `selection.ensure` before.
"""

from pathlib import Path
from typing import Any

from interfix.config.settings_loader import resolve_settings as load_settings
from interfix.engine.llamacpp import library_loading, library_selection

library = library_selection.prepare_library(load_settings().settings.engine)
"""The library that was selected."""

_native = library_loading.load_libraries(Path(library.folder), Path(library.binding))
llama: Any = _native.llama
ggml: Any = _native.ggml
