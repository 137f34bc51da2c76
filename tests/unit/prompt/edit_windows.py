"""Windows of next edits, from text with a cursor."""

from interfix.inference_types import EditWindow
from interfix.masking import mask


def make_window(before: str, region: str, after: str, **others: object) -> EditWindow:
    """A window whose region has its cursor at `‸`."""
    at = region.find("‸")
    bare = region.replace("‸", "")
    values: dict[str, object] = {
        "path": mask("test.rs"),
        "line": before.count("\n"),
        "before": mask(before),
        "region": mask(bare),
        "after": mask(after),
        "cursor": len(bare[:at].encode()) if at >= 0 else 0,
        "original": mask(bare),
    }
    return EditWindow(**(values | others))  # type: ignore[arg-type]
