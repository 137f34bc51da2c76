// What became of the suggestions, as a page. Counts nothing.

import { plain, table } from './markdown';
import type { Pages } from './pages';
import { run } from './run';
import type { Server } from './server';
import { running } from './target';

interface Group {
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

interface Summary {
  readonly since: string;
  readonly total: Group;
  readonly languages: readonly Group[];
  readonly saved_share: number | null;
}

export async function showStatistics(server: Server, pages: Pages): Promise<void> {
  const client = running(server);
  const summary = client && (await run<Summary>(client, 'counting', 'interfix.statistics', {}));
  if (summary) {
    await pages.open('Interfix Statistics', page(summary));
  }
}

function page({ since, total, languages, saved_share }: Summary): string {
  const rows = [...languages, { ...total, language: 'all' }].map((group) => [
    plain(group.language || 'other'),
    String(group.shown),
    String(group.accepted + group.partly),
    share(taken(group)),
    String(group.saved),
    `${group.p50_ms.toFixed(0)} ms`,
  ]);
  return [
    '# Statistics',
    `**${share(saved_share)}** of what was written since ${plain(since)} came from suggestions: ${total.saved} characters.`,
    `${share(taken(total))} of the suggestions you decided about were taken; ` +
      `after 30 s ${share(total.survived_30s)} of their text was left, after 5 min ${share(total.survived_5min)}. ` +
      `Half of them came within ${total.p50_ms.toFixed(0)} ms, 95% within ${total.p95_ms.toFixed(0)} ms; ` +
      `${share(total.answers ? total.at_hand / total.answers : null)} were at hand.`,
    table(['language', 'shown', 'taken', 'share', 'characters saved', 'median'], rows),
    'All of it is counted on this machine and stays here. `interfix stats` tells more.',
  ].join('\n\n');
}

function taken({ accepted, partly, dismissed }: Group): number | null {
  const decided = accepted + partly + dismissed;
  return decided ? (accepted + partly) / decided : null;
}

function share(part: number | null): string {
  return part === null ? '–' : `${(part * 100).toFixed(0)}%`;
}
