"""A process that loads a llama.cpp library and tries it, and may die of it. Prints what it computed with, or what is wrong.

Arguments: the folder of the libraries and that of the binding.
"""

import sys
from pathlib import Path

import msgspec

from interfix.engine.llamacpp.abi_check import AbiMismatchError, check_library
from interfix.engine.llamacpp.library_loading import load_libraries
from interfix.errors import InterfixError


def main(folder: str, binding: str) -> None:
    """Try it."""
    computed = check_library(load_libraries(Path(folder), Path(binding)))
    sys.stdout.buffer.write(msgspec.json.encode(computed))
    sys.stdout.flush()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except (InterfixError, AbiMismatchError) as error:
        sys.exit(str(error))
    except Exception as error:  # whatever a wrong library makes of the declarations
        sys.exit(f"it does not work as declared ({type(error).__name__}: {error})")
