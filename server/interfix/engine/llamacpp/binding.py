"""llama.cpp in this process, by llama-cpp-python's declarations. Importing this module loads the library that suits the machine.

Where none is installed yet it is fetched first, so whoever has somebody waiting calls `selection.ensure` before.
"""

from pathlib import Path
from typing import Any

from interfix.config.settings_loader import resolve_settings as load_settings
from interfix.engine.llamacpp import loading, selection

library = selection.ensure(load_settings().settings.engine)
"""The library that was selected."""

_native = loading.load(Path(library.folder), Path(library.binding))
llama: Any = _native.llama
ggml: Any = _native.ggml
