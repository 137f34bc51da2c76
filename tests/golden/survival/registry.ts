import type { Handler } from "./handler";

export namespace Registry {
  export const limit: number = 64;
  export let count: number = 0;

  export interface Entry<T extends object> {
    readonly key: string;
    handler: Handler<T>;
  }

  export function add<T extends object>(entry: Entry<T>): void {
    const existing: Entry<T> | undefined = find(entry.key);
    if (existing) {
      throw new Error(`There is an entry named ${entry.key} already.`);
    }
    count += 1;
  }

  declare function find(key: string): Entry<any> | undefined;
}

declare module "handler" {
  export type Handler<T> = (value: T) => Promise<void>;
}

export const usage = `
This is how one calls the program from a shell.
def main(): pass
  <div class="usage">registry --add KEY</div>
`;

const matcher: RegExp = /^#[\w$]+\/\*$/u;

export default async function run(keys: readonly string[]): Promise<number> {
  for await (const key of keys) {
    if (matcher.test(key)) continue;
    Registry.add({ key, handler: async () => {} });
  }
  return Registry.count;
}
