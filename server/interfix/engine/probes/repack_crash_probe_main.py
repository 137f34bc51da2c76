"""A process that loads a model and decodes with it, and may die of it. Its exit code is the answer."""

import sys

from interfix.engine.free_cores import CpuMonitor
from interfix.engine.llama_runtime import AbortFlag, Weights
from interfix.engine.runtime_config import RuntimeConfig
from interfix.system.parent_watch import exit_with_parent

PROBE_TOKENS = 64
"""Enough for the matrix kernels that single tokens never reach."""


def main(model: str, weight_layout: str) -> None:
    """Decode a prompt and one more token with the `fast` or the `slow` weight layout."""
    weights = Weights(model, RuntimeConfig(extra_buffers=weight_layout == "fast"))
    context = weights.create_context(512, 1, CpuMonitor(0), AbortFlag())
    tokens = (weights.vocabulary.encode("def probe(value):\n    return value\n") * PROBE_TOKENS)[:PROBE_TOKENS]
    context.decode(tokens, 0, 0)
    context.decode(tokens[:1], PROBE_TOKENS, 0)


if __name__ == "__main__":
    exit_with_parent()
    main(*sys.argv[1:])
