"""Which files no model is shown: one filter for every source of context.

Nothing that lies in a workspace can widen what may be read: each kind of ignore file only takes away. The user's own settings can.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from interfix.config.settings import ContextSettings
from interfix.context.exclusion.content_rules import check_content
from interfix.context.exclusion.ignore_files import IGNORE_FILES, IgnoreFiles
from interfix.context.exclusion.ignore_patterns import match_path_or_parent, read_patterns
from interfix.context.exclusion.path_patterns import check_generated_path, check_secret_path, check_vendored_path

__all__ = ["IGNORE_FILES", "Exclusion"]


class Exclusion:
    """The rules of one workspace folder. Cheap to ask and safe to ask from several threads; follows ignore files as they change."""

    def __init__(self, root: Path | None, settings: ContextSettings, *, trusted: bool = True) -> None:
        self.root = root
        self.settings = settings
        self.trusted = trusted and settings.trusted
        self._real = Path(os.path.realpath(root)) if root is not None else None
        self._settings_patterns = read_patterns("\n".join(settings.exclude).encode())
        self._ignored = IgnoreFiles(self._real) if self._real is not None else None
        self._moment = threading.local()

    @contextmanager
    def hold_moment(self) -> Iterator[None]:
        """Meanwhile, in this thread, no file and no folder is looked at twice: for who asks about many files at a time."""
        with ExitStack() as stack:
            if self._ignored is not None:
                stack.enter_context(self._ignored.hold_moment())
            self._moment.refusals = {}
            stack.callback(setattr, self._moment, "refusals", None)
            yield

    def find_refusal(self, path: Path) -> str:
        """Why the file at `path` may not be shown, in words that follow its name; empty where it may. Its bytes are not read."""
        seen: dict[Path, str] | None = getattr(self._moment, "refusals", None)
        if seen is None:
            return self._look_at_file(path)
        if path not in seen:
            seen[path] = self._look_at_file(path)
        return seen[path]

    def _look_at_file(self, path: Path) -> str:
        if not self.trusted:
            return "the workspace is not trusted"
        if self._real is None or self.root is None:
            return "there is no workspace"
        real = Path(os.path.realpath(path))
        if not real.is_relative_to(self._real):
            return "a link out of the workspace" if path.is_relative_to(self.root) else "outside of the workspace"
        inside = real.relative_to(self._real).as_posix()
        relative_name = path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else inside
        # A harmless name may be a link to a file with a telling one, and the other way round.
        return (
            self._check_name(relative_name)
            or (self._check_name(inside) if inside != relative_name else "")
            or self._check_size(real)
        )

    def find_text_refusal(self, path: Path, data: bytes) -> str:
        """Why a file of these bytes may not be shown: too large, binary, a private key, minified, generated; empty if it may."""
        if len(data) > self.settings.file_bytes:
            return self._format_too_large()
        refusal = check_content(path.name, data)
        return "" if refusal.is_overridable and self._is_included_by_settings(path) else refusal.reason

    def find_folder_refusal(self, path: Path) -> str:
        """Why nothing below the folder at `path` may be shown; empty where something may. The folder is no link."""
        if self.root is None or self._ignored is None:
            return "there is no workspace"
        inside = path.relative_to(self.root).as_posix()
        return "" if inside == "." else self._check_name(f"{inside}/")

    def _check_name(self, inside: str) -> str:
        """The rules in their order, on a path below the root; that of a folder ends with a slash."""
        if says := check_secret_path(inside):
            return says
        own = self._match_settings(inside)
        if own is not None:
            return "excluded by the settings" if own else ""
        assert self._ignored is not None
        return self._ignored.find_refusal(inside) or check_vendored_path(inside) or check_generated_path(inside)

    def _is_included_by_settings(self, path: Path) -> bool:
        inside = path.relative_to(self.root).as_posix() if self.root is not None and path.is_relative_to(self.root) else path.name
        return self._match_settings(inside) is False

    def _match_settings(self, inside: str) -> bool | None:
        return match_path_or_parent(self._settings_patterns, os.fsencode(inside.rstrip("/")), folder=inside.endswith("/"))

    def _check_size(self, path: Path) -> str:
        try:
            return self._format_too_large() if path.stat().st_size > self.settings.file_bytes else ""
        except OSError:
            return "not readable"

    def _format_too_large(self) -> str:
        return f"larger than {self.settings.file_bytes:,} bytes"
