// Suggests a constant at once in `.txt` files, and notes in the file that `TEST_CONTROL` names when it hears of what, and how long the
// extension host did nothing else than one thing: the editor's own share of a suggestion's time, to compare an extension with.

const { appendFileSync } = require('node:fs');
const { monitorEventLoopDelay, performance } = require('node:perf_hooks');
const { InlineCompletionItem, languages, window } = require('vscode');

const RESOLUTION_MS = 10;

exports.activate = ({ subscriptions }) => {
  const note = (what, more) => {
    const at = performance.timeOrigin + performance.now();
    appendFileSync(process.env.TEST_CONTROL, `${JSON.stringify({ what, at, ...more })}\n`);
  };
  const provider = {
    provideInlineCompletionItems: () => {
      note('asked');
      return [new InlineCompletionItem('constant')];
    },
  };
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const reading = setInterval(() => {
    note('lag', { ms: delay.max / 1e6 - RESOLUTION_MS });
    delay.reset();
  }, 250);
  subscriptions.push(
    window.onDidChangeTextEditorSelection(() => note('heard')),
    languages.registerInlineCompletionItemProvider({ pattern: '**/*.txt' }, provider),
    { dispose: () => clearInterval(reading) },
  );
};
