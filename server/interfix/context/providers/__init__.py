"""The sources of context beside the file at the cursor, one file each. A source reads other files through the workspace only."""

from interfix.context.place import Source
from interfix.context.providers.edits import Edits
from interfix.context.providers.imported import Imported
from interfix.context.providers.neighbours import Neighbours
from interfix.context.providers.similar import Similar
from interfix.context.providers.symbols import Symbols

SOURCES: tuple[Source, ...] = (Imported(), Symbols(), Neighbours(), Edits(), Similar())
"""All of them, the most telling first."""
