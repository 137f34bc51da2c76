"""Models tuned to propose the next edit: Sweep's, Zeta's and Instinct. They have a coder's vocabulary, and another layout.

Sources: the cards of sweepai/sweep-next-edit (tuned from Qwen2.5-Coder) and of zed-industries/zeta (Qwen2.5-Coder, since Zeta 2
Seed-Coder), and Continue's of Instinct. Their weights could not be tried.
"""

from interfix.prompt.families.family import Family
from interfix.values import NEXT_EDIT_PATTERN

NEXT_EDIT = Family(
    name="next-edit",
    name_pattern=NEXT_EDIT_PATTERN,
    no_infill_reason="It was tuned to propose the next edit in a layout of its own, not to fill a hole.",
)
