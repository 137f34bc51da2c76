"""A process that stores a model's weights anew, and may die of it. Arguments: the file, the new one, the quantisation."""

import os
import sys
from pathlib import Path

from interfix.engine.free_cores import count_physical_cores
from interfix.engine.llamacpp.loaded_library import llama
from interfix.errors import UnavailableError
from interfix.system.parent_watch import exit_with_parent

_FILE_TYPES = {"Q8_0": llama.LLAMA_FTYPE_MOSTLY_Q8_0, "Q4_0": llama.LLAMA_FTYPE_MOSTLY_Q4_0}
"""What weights can be stored as anew, by llama.cpp's numbers."""


def requantise(source: str, target: str, quantisation: str) -> None:
    """Write the weights of a model file anew as `quantisation`, Q8_0 or Q4_0: seconds for half a gigabyte.

    Raises `UnavailableError` where llama.cpp cannot.
    """
    params = llama.llama_model_quantize_default_params()
    params.ftype = _FILE_TYPES[quantisation]
    params.allow_requantize = True
    params.nthread = count_physical_cores()
    if llama.llama_model_quantize(os.fsencode(source), os.fsencode(target), params):
        raise UnavailableError(f"llama.cpp cannot store {Path(source).name} as {quantisation}.")


if __name__ == "__main__":
    exit_with_parent()
    requantise(*sys.argv[1:])
