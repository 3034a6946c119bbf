/** A process inside a node that answers each line with a line, and goes on for as long as the node runs. */
import type { Socket } from 'node:net';
import type { Node, RunOptions } from './node.ts';

/** Those that have nothing to do, by what they were started with. */
const idle = new WeakMap<Node, Map<string, Companion[]>>();

/** What a program makes of a question. Starting one takes longer than most answers, so those that run are asked again. */
export async function ask(
  node: Node,
  argv: readonly string[],
  question: string,
  { timeout = 60, ...options }: Omit<RunOptions, 'stdin'> = {},
): Promise<string> {
  const kinds = idle.get(node) ?? new Map<string, Companion[]>();
  idle.set(node, kinds);
  const kind = JSON.stringify([argv, options]);
  const free = (kinds.get(kind) ?? []).filter(({ ended }) => !ended);
  kinds.set(kind, free);
  // Several questions at once are answered by as many.
  const companion = free.pop() ?? new Companion(node, argv, options);
  const answer = await companion.ask(question, timeout);
  kinds.get(kind)!.push(companion);
  return answer;
}

class Companion {
  readonly #title: string;
  readonly #line: Socket;
  readonly #complaints: Socket;
  #said = '';
  #complained = '';
  #settle = (): void => {};
  ended = false;

  constructor(node: Node, argv: readonly string[], options: Pick<RunOptions, 'env' | 'cwd'>) {
    const child = node.spawn(argv, options);
    this.#title = `${argv.join(' ')} on ${node.name}`;
    this.#line = child.stdio[3] as Socket;
    this.#complaints = child.stderr as Socket;
    this.#line.setEncoding('utf8').on('data', (text: string) => {
      this.#said += text;
      if (text.endsWith('\n')) this.#settle();
    });
    this.#complaints.setEncoding('utf8').on('data', (text: string) => {
      this.#complained += text;
    });
    // A question that cannot be put any more is told by the end.
    this.#line.on('error', () => {});
    child.on('close', () => {
      this.ended = true;
      this.#settle();
    });
    child.unref();
  }

  /** Of one that did not answer nothing more is asked. */
  async ask(question: string, seconds: number): Promise<string> {
    this.#said = '';
    this.#complained = '';
    this.#keepAlive(true);
    const late = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(resolve, seconds * 1000, true);
      this.#settle = () => {
        clearTimeout(timer);
        resolve(false);
      };
      this.#line.write(`${question}\n`);
    });
    this.#keepAlive(false);
    if (!late && this.#said.endsWith('\n')) return this.#said;
    const what = late ? `does not answer within ${seconds} s` : 'has ended';
    throw new Error(`${this.#title} ${what}:\n${question}\n${this.#complained}`);
  }

  /** Only one that is awaited keeps this process alive. */
  #keepAlive(yes: boolean): void {
    for (const end of [this.#line, this.#complaints]) {
      if (yes) end.ref();
      else end.unref();
    }
  }
}
