"""A module."""
import os
from typing import (
    Any,
)

try:
    import yaml
except ImportError:
    yaml = None

LIMIT = 3
type Pair = tuple[int, int]


@register
class Greeter(Base):
    """Says hello."""

    punctuation = "!"

    def __init__(self, name: str) -> None:
        self._name = name
        self._names: list[str] = []

    @property
    def name(self) -> str:
        """The name."""
        return self._name

    async def greet(self, *names: str) -> None:
        # Everyone.
        for name in names:
            if name:
                print(f"Hello {name}{self.punctuation}")
            elif LIMIT:
                continue
            else:
                import json
        while True:
            try:
                with open("x") as file:
                    break
            except OSError:
                pass
            finally:
                pass
        match names:
            case []:
                pass


def outer():
    def inner(): ...
    return lambda x: {"a": x}


from __future__ import annotations

from .base import Base
from ..all import *
import json as j

if TYPE_CHECKING:
    from os import PathLike
