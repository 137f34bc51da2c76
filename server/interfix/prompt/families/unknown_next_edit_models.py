"""Models tuned to propose the next edit whose layout Interfix does not have, such as Instinct: they serve no role."""

from interfix.inference_types import NEXT_EDIT_PATTERN
from interfix.prompt.families.family import Family

NEXT_EDIT = Family(
    name="next-edit",
    name_pattern=NEXT_EDIT_PATTERN,
    no_infill_reason="It was tuned to propose the next edit in a layout of its own, not to fill a hole.",
)
