"""A request for a next edit."""

from interfix.engine.protocol import NextEditRequest
from interfix.inference_types import EditWindow, PastEdit
from interfix.masking import mask
from interfix.models.role_check import NextEditModel
from interfix.prompt.families.next_edit_format import EditPromptParts

REGION = "".join(f"print(count, {i})\n" for i in range(6))


def make_request(name: str, region: str = REGION) -> NextEditRequest:
    path, code = mask("a.py"), mask(region)
    window = EditWindow(path, 1, mask("total = 1\n"), code, mask("done()\n"), 0, code, begins_file=True)
    edit = PastEdit(path, 0, mask("count = 1\n"), mask("total = 1\n"))
    return NextEditRequest(NextEditModel(name, "/m.gguf"), EditPromptParts(window, (edit,)), extra_tokens=24)
