"""The sources of context beside the file at the cursor, one file each. A source reads other files through the workspace only."""

from interfix.context.context_source import ContextSource
from interfix.context.sources.imported_definitions import ImportedDefinitionsSource
from interfix.context.sources.recent_edits import RecentEditsSource
from interfix.context.sources.similar_code import SimilarCodeSource
from interfix.context.sources.similar_lines import SimilarLinesSource
from interfix.context.sources.symbols import SymbolsSource
from interfix.context.sources.visits_and_siblings import VisitsAndSiblingsSource

SOURCES: tuple[ContextSource, ...] = (
    ImportedDefinitionsSource(),
    SymbolsSource(),
    VisitsAndSiblingsSource(),
    RecentEditsSource(),
    SimilarCodeSource(),
)
"""All of them, the most telling first."""

ASKED_SOURCE: ContextSource = SimilarLinesSource()
"""The one that is only asked where the user asks for a suggestion."""
