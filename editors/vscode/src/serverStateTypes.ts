// The state of Interfix: what the server says in `interfix/status`, and what the extension knows while no server runs.

/** What the server says of itself. */
export interface ServerStatus {
  readonly state: 'starting' | 'downloading' | 'working' | 'error' | 'off' | 'ready';
  readonly message: string;
  readonly percent: number | null;
  readonly base: string;
  readonly instruct: string;
  /** The roles that remote servers compute, as configured. */
  readonly servers: readonly { readonly role: string; readonly host: string; readonly leaves: boolean }[];
}

export interface ServerState {
  /** `missing`: no server is installed; `stopped`: it ended or could not be started. */
  readonly state: ServerStatus['state'] | 'missing' | 'installing' | 'stopped' | 'paused';
  /** A sentence, or empty. */
  readonly message: string;
  readonly percent?: number | null;
  /** The model that completes; empty if there is none. */
  readonly base?: string;
  /** The model that explains and edits. */
  readonly instruct?: string;
  readonly servers?: ServerStatus['servers'];
}

export const STARTING_STATE: ServerState = { state: 'starting', message: '' };
