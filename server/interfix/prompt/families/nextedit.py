"""Models tuned to propose the next edit: Sweep's, Zeta's and Instinct. They have a coder's vocabulary, and another layout.

Sweep and Zeta are tuned from Qwen2.5-Coder, Zeta 2 from Seed-Coder, Instinct from Qwen2.5-Coder. Their weights could not be tried.
"""

from interfix.prompt.families.family import Family
from interfix.values import NEXT_EDIT_PATTERN

NEXT_EDIT = Family(
    name="next-edit",
    name_pattern=NEXT_EDIT_PATTERN,
    no_infill_reason="It was tuned to propose the next edit in a layout of its own, not to fill a hole.",
)
