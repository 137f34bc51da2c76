"""A process that stores a model's weights anew, and may die of it. Arguments: the file, the new one, the quantisation."""

import sys

from interfix.engine.llama_system_info import requantise
from interfix.system.parent_watch import exit_with_parent

if __name__ == "__main__":
    exit_with_parent()
    requantise(*sys.argv[1:])
