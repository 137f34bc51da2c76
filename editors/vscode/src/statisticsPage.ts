// The page that shows what became of the suggestions.

import type { LanguageClient } from 'vscode-languageclient/node';

import { executeWithProgress } from './executeCommand';
import { escapeMarkdown, formatTable } from './markdown';
import type { MarkdownPages } from './markdownPages';

interface SuggestionCounts {
  readonly language: string;
  readonly p50_ms: number;
  readonly shown: number;
  readonly accepted: number;
  readonly partly: number;
  readonly typed_along: number;
  readonly dismissed: number;
  readonly ignored: number;
  readonly saved: number;
  readonly survived_5min: number | null;
}

interface StatisticsSummary {
  readonly total: SuggestionCounts;
  readonly languages: readonly SuggestionCounts[];
  /** What the figures say, as `interfix stats` has it. */
  readonly sentences: readonly string[];
}

export async function showStatisticsPage(client: LanguageClient, pages: MarkdownPages): Promise<void> {
  const summary = await executeWithProgress<StatisticsSummary>(client, 'counting', 'interfix.statistics', {});
  if (summary) {
    await pages.open('Interfix Statistics', renderPage(summary));
  }
}

function renderPage({ total, languages, sentences }: StatisticsSummary): string {
  const rows = [...languages, { ...total, language: 'all' }].map((group) => [
    escapeMarkdown(group.language || 'other'),
    ...[group.shown, group.accepted, group.partly, group.typed_along, group.dismissed, group.ignored, group.saved].map(String),
    group.survived_5min === null ? '–' : `${(group.survived_5min * 100).toFixed(0)}%`,
    `${group.p50_ms.toFixed(0)} ms`,
  ]);
  const headings = ['shown', 'taken', 'in part', 'typed along', 'dismissed', 'ignored', 'characters saved', 'left after 5 min', 'median'];
  return [
    '# Statistics',
    ...sentences.map(escapeMarkdown),
    formatTable(['language', ...headings], rows),
    'All of it is counted on this machine and stays here.',
  ].join('\n\n');
}
