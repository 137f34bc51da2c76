// How Interfix stands, in the words of the server's `interfix/status` and of who starts it. Draws nothing.

/** What the server says of itself. */
export interface ServerStatus {
  readonly state: 'starting' | 'downloading' | 'working' | 'error' | 'off' | 'ready';
  readonly message: string;
  readonly percent: number | null;
  readonly base: string;
  readonly instruct: string;
  /** The roles that servers compute, as the user has configured. */
  readonly servers: readonly { readonly role: string; readonly host: string; readonly leaves: boolean }[];
}

export interface Standing {
  /** `missing`: there is no server; `stopped`: it has ended, or could not be started. */
  readonly state: ServerStatus['state'] | 'missing' | 'installing' | 'stopped' | 'paused';
  /** A sentence; empty where there is nothing to say. */
  readonly message: string;
  readonly percent?: number | null;
  /** Who completes; empty while there is nobody. */
  readonly base?: string;
  /** Who explains and edits. */
  readonly instruct?: string;
  readonly servers?: ServerStatus['servers'];
}

export const STARTING: Standing = { state: 'starting', message: '' };
