// Runs the tests in the extension host; who asks for them gets every failure in words.

import Mocha from 'mocha';

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, reporter: 'spec' });
  mocha.suite.emit('pre-require', globalThis as unknown as Mocha.MochaGlobals, '', mocha);
  await import('./manifest.test.js');
  await import('./codeActions.test.js');
  await import('./downloadProgress.test.js');
  await import('./editProposals.test.js');
  await import('./settings.test.js');
  await import('./findError.test.js');
  await import('./findExecutable.test.js');
  await import('./suggestionToggles.test.js');
  await import('./wordDiff.test.js');
  await import('./keystrokePrefetch.test.js');
  await import('./remoteHost.test.js');
  await import('./languageServer.test.js');
  const failures: string[] = [];
  await new Promise<void>((resolve) => {
    mocha
      .run(() => resolve())
      .on('pass', (test) => console.log(`passed: ${test.fullTitle()}`))
      .on('fail', (test, error: Error) => failures.push(`${test.fullTitle()}: ${error.stack ?? error.message}`));
  });
  if (failures.length) {
    throw new Error(failures.join('\n'));
  }
}
