// Why this suggestion: the exact prompt at the cursor and what became of each part of it, as a page.

import { fenced, plain, table } from './markdown';
import type { Pages } from './pages';
import { run } from './run';
import type { Server } from './server';
import { target } from './target';

interface Why {
  readonly model: string;
  readonly prompt: string;
  readonly prompt_tokens: number;
  readonly budget: number;
  readonly parts: readonly {
    readonly kind: string;
    readonly source: string;
    readonly path: string;
    readonly line: number;
    readonly tokens: number;
    readonly kept: boolean;
    readonly why: string;
  }[];
  readonly left: readonly { readonly source: string; readonly path: string; readonly why: string }[];
  readonly context_ms: number;
}

export async function showWhy(server: Server, pages: Pages): Promise<void> {
  const about = target(server);
  if (!about) {
    return;
  }
  const position = about.client.code2ProtocolConverter.asPosition(about.editor.selection.active);
  const why = await run<Why>(about.client, 'looking at the prompt', 'interfix.why', { uri: about.argument.uri, position });
  if (why) {
    await pages.open('Why this suggestion', page(why));
  }
}

function page(why: Why): string {
  const rows = why.parts.map((part) => [
    plain(part.path ? `${part.kind} ${part.path}:${part.line + 1}` : part.kind),
    plain(part.source),
    String(part.tokens),
    plain((part.kept ? 'yes' : 'no') + (part.why ? `, ${part.why}` : '')),
  ]);
  const left = why.left.map(({ path, source, why: reason }) => `- ${plain(path)} (${plain(source)}): ${plain(reason)}`);
  return [
    '# Why this suggestion',
    `${plain(why.model)} is shown ${why.prompt_tokens} of at most ${why.budget} tokens; ` +
      `what stands in other files took ${why.context_ms.toFixed(0)} ms.`,
    table(['part', 'source', 'tokens', 'shown'], rows),
    ...(left.length ? ['## Left out', left.join('\n')] : []),
    '## The prompt, word for word',
    fenced(why.prompt),
  ].join('\n\n');
}
