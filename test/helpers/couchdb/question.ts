/** What is asked of a node, by whom, and what it answers. */

export interface Asker {
  readonly name: string | null;
  readonly roles: readonly string[];
  /** How it was found out who asks. */
  readonly by?: 'default' | 'cookie';
}

export interface Question {
  readonly method: string;
  /** Decoded parts of the path. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly text: string;
  /** The name of the node that a client has asked. */
  readonly at: string;
  /** Asked once more, as nobody knows what became of it. */
  again: boolean;
  /** The body, which has to be JSON. */
  json(): unknown;
}

export interface More {
  /** The answer is a weaker one where fewer than half of these nodes have it. */
  readonly copies?: readonly string[];
  readonly headers?: { readonly [name: string]: string };
}

export type Reply = readonly [status: number, body: unknown, more?: More];

/** How a question came, as far as it does not say itself. */
export interface Envelope {
  readonly from: string;
  readonly headers: { readonly [name: string]: string | string[] | undefined };
}
