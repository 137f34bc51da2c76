// The page that shows what became of the suggestions.

import type { LanguageClient } from 'vscode-languageclient/node';

import { executeWithProgress } from './executeCommand';
import { escapeMarkdown, formatTable } from './markdown';
import type { MarkdownPages } from './markdownPages';

interface SuggestionCounts {
  readonly language: string;
  readonly answers: number;
  readonly at_hand: number;
  readonly p50_ms: number;
  readonly p95_ms: number;
  readonly shown: number;
  readonly accepted: number;
  readonly partly: number;
  readonly dismissed: number;
  readonly saved: number;
  readonly survived_30s: number | null;
  readonly survived_5min: number | null;
}

interface StatisticsSummary {
  readonly since: string;
  readonly total: SuggestionCounts;
  readonly languages: readonly SuggestionCounts[];
  readonly saved_share: number | null;
}

export async function showStatisticsPage(client: LanguageClient, pages: MarkdownPages): Promise<void> {
  const summary = await executeWithProgress<StatisticsSummary>(client, 'counting', 'interfix.statistics', {});
  if (summary) {
    await pages.open('Interfix Statistics', renderPage(summary));
  }
}

function renderPage({ since, total, languages, saved_share }: StatisticsSummary): string {
  const rows = [...languages, { ...total, language: 'all' }].map((group) => [
    escapeMarkdown(group.language || 'other'),
    String(group.shown),
    String(group.accepted + group.partly),
    formatShare(takenShare(group)),
    String(group.saved),
    `${group.p50_ms.toFixed(0)} ms`,
  ]);
  return [
    '# Statistics',
    `**${formatShare(saved_share)}** of what was written since ${escapeMarkdown(since)} came from suggestions: ${total.saved} characters.`,
    `${formatShare(takenShare(total))} of the suggestions you decided about were taken; ` +
      `after 30 s ${formatShare(total.survived_30s)} of their text was left, after 5 min ${formatShare(total.survived_5min)}. ` +
      `Half of them came within ${total.p50_ms.toFixed(0)} ms, 95% within ${total.p95_ms.toFixed(0)} ms; ` +
      `${formatShare(total.answers ? total.at_hand / total.answers : null)} were at hand.`,
    formatTable(['language', 'shown', 'taken', 'share', 'characters saved', 'median'], rows),
    'All of it is counted on this machine and stays here. `interfix stats` tells more.',
  ].join('\n\n');
}

function takenShare({ accepted, partly, dismissed }: SuggestionCounts): number | null {
  const decided = accepted + partly + dismissed;
  return decided ? (accepted + partly) / decided : null;
}

function formatShare(part: number | null): string {
  return part === null ? '–' : `${(part * 100).toFixed(0)}%`;
}
