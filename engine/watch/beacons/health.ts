/** Beacon `health`: checks of what should answer, told when it goes down and when it is up again. */
import type { Reached, Target } from '../../core/host.ts';
import { spanOf, spanText } from '../../core/span.ts';
import type { Clock } from '../../core/watch.ts';
import { type Beacon, defineBeacon, type Means } from '../beacon.ts';
import { off } from '../off.ts';
import { portionOf } from '../portion.ts';

/** Milliseconds. */
const longest = 86_400_000;

interface Terms {
  readonly target: Target;
  /** Milliseconds. */
  readonly every: number;
  readonly timeout: number;
  /** So many checks in a row change the state. */
  readonly rise: number;
  readonly fall: number;
}

/**
 * ```
 *              rise good ones, silently           fall bad ones, told
 *   unknown ────────────────────────────▶ up ──────────────────────▶ down
 *      │                                   ▲                          │ ▲
 *      │                                   └── rise good ones, told ──┘ │
 *      └───────────────────── fall bad ones, told ──────────────────────┘
 * ```
 * One check at a time. One that hangs is a bad one each time that another would be due.
 */
class Check implements Beacon {
  readonly #terms: Terms;
  readonly #clock: Clock;
  readonly #look: (target: Target, seconds: number) => Promise<Reached>;
  readonly #changed: () => void;
  #state: 'unknown' | 'up' | 'down' = 'unknown';
  /** Checks in a row that were good, or (negative) bad. */
  #row = 0;
  #seen = 'not looked at yet';
  #since: number;
  #due: number;
  #checking: Promise<void> | undefined;
  #began = 0;
  #alarm: Disposable | undefined;
  #stopped = false;

  constructor(terms: Terms, portion: number, means: Means, name: string) {
    this.#terms = terms;
    this.#clock = means.clock;
    this.#look = (target, seconds) => means.machine.reach(target, seconds);
    this.#changed = () => means.notify(name);
    this.#since = means.clock.now();
    // Checks of one node do not all begin at once, either.
    this.#due = this.#since + Math.floor(Math.min(terms.every, 10_000) * portion);
    this.#sleep();
  }

  tell(): string {
    const since = spanText(Math.max(0, Math.round((this.#clock.now() - this.#since) / 1000)));
    return `${this.#state} for ${since}, last: ${this.#seen}`;
  }

  /** Until it is known how things are, but not for ever. */
  async look(): Promise<void> {
    for (let left = Math.max(this.#terms.rise, this.#terms.fall); left > 0; left--) {
      await this.#checkOnce();
      if (this.#state !== 'unknown' || this.#stopped) return;
    }
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = undefined;
  }

  #sleep(): void {
    // The clock may have been set.
    const left = Math.min(Math.max(0, this.#due - this.#clock.now()), this.#terms.every);
    this.#alarm = this.#clock.after(left, () => this.#wake());
  }

  #wake(): void {
    const now = this.#clock.now();
    const { every, timeout } = this.#terms;
    // What was slept through is not made up for.
    this.#due = Math.abs(now - this.#due) < every ? this.#due + every : now + every;
    this.#sleep();
    if (!this.#checking) void this.#checkOnce();
    else if (now - this.#began >= timeout) this.#count({ reached: false, seen: 'it hangs' });
  }

  /** Shares one that is under way. */
  #checkOnce(): Promise<void> {
    this.#checking ??= this.#check();
    return this.#checking;
  }

  async #check(): Promise<void> {
    this.#began = this.#clock.now();
    let found: Reached;
    try {
      found = await this.#look(this.#terms.target, this.#terms.timeout / 1000);
    } catch (error) {
      found = { reached: false, seen: (error as Error).message };
    }
    this.#checking = undefined;
    this.#count(found);
  }

  #count({ reached, seen }: Reached): void {
    if (this.#stopped) return;
    this.#seen = seen;
    this.#row = reached ? Math.max(0, this.#row) + 1 : Math.min(0, this.#row) - 1;
    if (this.#row >= this.#terms.rise) this.#enter('up');
    if (this.#row <= -this.#terms.fall) this.#enter('down');
  }

  #enter(state: 'up' | 'down'): void {
    if (this.#state === state) return;
    const isFirst = this.#state === 'unknown';
    this.#state = state;
    this.#since = this.#clock.now();
    // That all is well at the start concerns nobody.
    if (!isFirst || state === 'down') this.#changed();
  }
}

export default defineBeacon({
  summary: 'checks of web servers, ports and by commands, when they go down or come back',
  description: `Each entry checks one thing: \`http\`, \`tcp\` or \`command\`. A check that takes longer than its
\`timeout\` is a bad one. That something is up at the start is not told, that it is down is, once that is certain.

A check by HTTP each second takes about a thousandth of a processor, by TLS or a command several times as much.`,
  properties: {
    http: {
      type: 'string',
      description: 'Address that has to answer, such as `http://127.0.0.1:8080/status`.',
    },
    status: {
      type: 'array',
      items: { type: 'integer', minimum: 100, maximum: 599 },
      minItems: 1,
      description:
        'With `http`: statuses that are good. Unless given, any below 400; redirections are followed.',
    },
    match: {
      type: 'string',
      description: "With `http`: regular expression (JavaScript's) that the body has to match somewhere.",
    },
    verify: {
      type: 'boolean',
      description: 'With `http`: whether a certificate has to be valid.',
      default: true,
    },
    tcp: {
      type: 'string',
      description: 'Address that has to take connections: `127.0.0.1:5984`, `[::1]:443`.',
    },
    command: {
      type: ['string', 'array'],
      items: { type: 'string' },
      description: 'Command that has to succeed: a line for `/bin/sh`, or a list of words.',
    },
    every: {
      type: ['string', 'number'],
      description: 'Time from one check to the next, a second at least.',
      default: '5s',
    },
    timeout: { type: ['string', 'number'], description: 'Time that a check may take.', default: '5s' },
    rise: {
      type: 'integer',
      minimum: 1,
      description: 'So many good checks in a row mean that it is up.',
      default: 2,
    },
    fall: {
      type: 'integer',
      minimum: 1,
      description: 'So many bad checks in a row mean that it is down.',
      default: 3,
    },
  },
  named: true,
  standard: false,
  reaction: 'highstate',
  start(settings, means, name) {
    const terms = termsOf(settings);
    if (typeof terms === 'string') return off(means, `The check "${name}" is off: ${terms}`);
    return new Check(terms, portionOf(means.id, name), means, name);
  },
});

interface Wanted {
  readonly http?: string;
  readonly status?: readonly number[];
  readonly match?: string;
  readonly verify: boolean;
  readonly tcp?: string;
  readonly command?: string | readonly string[];
  readonly every: string | number;
  readonly timeout: string | number;
  readonly rise: number;
  readonly fall: number;
}

/** A text says what is wrong. */
function termsOf(wanted: Wanted): Terms | string {
  const target = targetOf(wanted);
  if (typeof target === 'string') return target;
  const every = (spanOf(wanted.every) ?? 0) * 1000;
  if (every < 1000) return `"${wanted.every}" is no span of a second or more, in \`every\`.`;
  const timeout = (spanOf(wanted.timeout) ?? 0) * 1000;
  if (timeout <= 0) return `"${wanted.timeout}" is no span of time, in \`timeout\`.`;
  const { rise, fall } = wanted;
  // As far as timers reach.
  return { target, every: Math.min(every, longest), timeout: Math.min(timeout, longest), rise, fall };
}

function targetOf({ http, status, match, verify, tcp, command }: Wanted): Target | string {
  if ([http, tcp, command].filter((one) => one !== undefined).length !== 1)
    return 'it needs one of `http`, `tcp` and `command`.';
  if (http !== undefined) {
    if (!/^https?:$/.test(URL.parse(http)?.protocol ?? '')) return `"${http}" is no address of a web server.`;
    if (match !== undefined && !isPattern(match)) return `"${match}" is no regular expression, in \`match\`.`;
    return {
      kind: 'http',
      url: http,
      verify,
      ...(status && { status }),
      ...(match !== undefined && { match }),
    };
  }
  if (tcp !== undefined) {
    const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:\s]+)):(\d{1,5})$/.exec(tcp) ?? [];
    const number = Number(port);
    if (port === undefined || number < 1 || number > 65_535) return `"${tcp}" is not HOST:PORT, in \`tcp\`.`;
    return { kind: 'tcp', host: bracketed ?? plain!, port: number };
  }
  if (typeof command === 'string') return { kind: 'command', command: { argv: [command], shell: '/bin/sh' } };
  return command!.length > 0 ? { kind: 'command', command: { argv: command! } } : 'its `command` is empty.';
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text);
    return true;
  } catch {
    return false;
  }
}
