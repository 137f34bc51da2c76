// Fails where modules of src/ import each other in a circle, types included. Part of `npm run check`.

import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = process.argv[2] ?? join(dirname(dirname(fileURLToPath(import.meta.url))), 'src');
const imports = new Map(readdirSync(folder).map((file) => [basename(file, '.ts'), readImports(join(folder, file))]));
const done = new Set();

for (const module of imports.keys()) {
  visit(module, []);
}

function readImports(path) {
  const found = readFileSync(path, 'utf8').matchAll(/(?:from|import\()\s*'\.\/(\w+)(?:\.js)?'/g);
  return [...found].map(([, module]) => module);
}

function visit(module, path) {
  if (path.includes(module)) {
    console.error(`circular import: ${[...path.slice(path.indexOf(module)), module].join(' -> ')}`);
    process.exit(1);
  }
  if (!done.has(module)) {
    (imports.get(module) ?? []).forEach((imported) => visit(imported, [...path, module]));
    done.add(module);
  }
}
