/** What is asked of a node, by whom, and what it answers. */

export interface Asker {
  readonly name: string | null;
  readonly roles: readonly string[];
}

export interface Question {
  readonly method: string;
  /** Decoded parts of the path. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly text: string;
  /** Asked once more, as nobody knows what became of it. */
  again: boolean;
  /** The body, which has to be JSON. */
  json(): unknown;
}

/** With `copies` it is weaker, where fewer than half of these nodes have it. */
export type Reply = readonly [status: number, body: unknown, copies?: readonly string[]];
