/** Beacon `network`: links that go up or down, and addresses that come or go. */
import { fnmatch } from '../../core/fnmatch.ts';
import { type Kept, keepUp } from '../again.ts';
import { type Beacon, defineBeacon, type Means } from '../beacon.ts';

/** What containers and virtual machines come and go with. */
const guests = [
  'veth*',
  'cali*',
  'lxc*',
  'vnet*',
  'tap*',
  'vb-*',
  've-*',
  'docker*',
  'br-????????????',
  'podman*',
  'virbr*',
  'cni*',
];

/** Milliseconds in which what belongs together arrives. */
const soon = 20;
/** One look for each of these, on the whole, and ten where there was quiet before. */
const cost = 1000;
const savings = 10 * cost;

/** Until then `ip monitor` surely hears. */
const deaf = 1000;

/** Lines of `ip monitor` that are remembered. */
const remembered = 2000;

/** Interface → all that is told of it but for how long addresses are still valid. */
type Known = ReadonlyMap<string, string>;

/**
 * `ip monitor` says only when to look. What there is, is read by `ip address`, and compared with what was there before.
 *
 * ```
 *             a new line             it is time
 *   quiet ──────────────▶ waits ──────────────▶ looks ──▶ quiet
 *                           ▲    a new line, since    │
 *                           └─────────────────────────┘
 * ```
 */
class Network implements Beacon {
  readonly #means: Means;
  readonly #interfaces: readonly RegExp[];
  readonly #except: readonly RegExp[];
  readonly #monitor: Kept;
  /** What was said last of each link and each address. */
  readonly #said = new Map<string, string>();
  #known: Known | undefined;
  #wait: Disposable | undefined;
  #looking: Promise<void> | undefined;
  /** Something was heard while it was looking. */
  #again = false;
  /** No look before that. */
  #rest = 0;
  #failed = false;
  #stopped = false;

  constructor(interfaces: readonly string[], except: readonly string[], means: Means) {
    this.#means = means;
    this.#interfaces = interfaces.map(fnmatch);
    this.#except = except.map(fnmatch);
    this.#monitor = keepUp(
      means.clock,
      (end) => {
        const monitor = means.machine.follow(['ip', '-o', 'monitor', 'link', 'address'], {
          line: (text) => this.#hear(text),
          end,
        });
        this.#due();
        // It does not hear from the first moment on.
        const later = means.clock.after(deaf, () => this.#due());
        return {
          [Symbol.dispose]() {
            monitor[Symbol.dispose]();
            later[Symbol.dispose]();
          },
        };
      },
      (reason) => means.warn(`The network is not watched: ${reason}.`),
    );
  }

  async look(): Promise<void> {
    await this.#looking;
    await this.#look();
  }

  tell(): string {
    const count = this.#known?.size ?? 0;
    const interfaces = count === 1 ? '1 interface' : `${count} interfaces`;
    return this.#monitor.down === undefined ? interfaces : `${interfaces}, unheard: ${this.#monitor.down}`;
  }

  [Symbol.dispose](): void {
    this.#stopped = true;
    this.#monitor[Symbol.dispose]();
    this.#wait?.[Symbol.dispose]();
  }

  #hear(text: string): void {
    const name = /^(?:Deleted )?\d+: ([^\s:@]+)/.exec(text)?.[1];
    if (name !== undefined && !this.#watches(name)) return;
    // A router that is there tells so every few seconds, which makes addresses valid for longer.
    const line = text.replace(/valid_lft.*/, '');
    const [thing = line] = /(?<=^(?:Deleted )?)\d+: (?:\S+\s+inet6? \S+|[^\s:]+:)/.exec(line) ?? [];
    if (this.#said.get(thing) === line) return;
    if (this.#said.size >= remembered) this.#said.clear();
    this.#said.set(thing, line);
    this.#due();
  }

  #watches(name: string): boolean {
    return matches(name, this.#interfaces) && !matches(name, this.#except);
  }

  #due(): void {
    if (this.#looking) this.#again = true;
    if (this.#looking || this.#wait || this.#stopped) return;
    // Where the clock was set back it is not to rest for that long.
    const rest = Math.min(this.#rest - this.#means.clock.now(), cost);
    this.#wait = this.#means.clock.after(Math.max(soon, rest), () => void this.#look());
  }

  #look(): Promise<void> {
    this.#wait?.[Symbol.dispose]();
    this.#wait = undefined;
    this.#again = false;
    this.#looking ??= this.#read().finally(() => {
      const now = this.#means.clock.now();
      this.#rest = Math.min(Math.max(this.#rest, now - savings), now) + cost;
      this.#looking = undefined;
      if (this.#again) this.#due();
    });
    return this.#looking;
  }

  async #read(): Promise<void> {
    const { machine, notify, warn } = this.#means;
    const { status, stdout, stderr } = await machine.run({ argv: ['ip', 'address'], timeout: 10 });
    if (this.#stopped) return;
    if (status !== 0) {
      // That there is no ip at all is told by who wants it to run on.
      if (!this.#failed && status !== 127) warn(`ip address cannot be read: ${stderr.trim()}`);
      this.#failed = true;
      this.#said.clear();
      return;
    }
    this.#failed = false;
    const now = this.#parse(stdout);
    const before = this.#known ?? now;
    this.#known = now;
    for (const name of new Set([...before.keys(), ...now.keys()]))
      if (before.get(name) !== now.get(name)) notify(name);
  }

  #parse(text: string): Known {
    const known = new Map<string, string>();
    for (const block of text.split(/^(?=\d+: )/m)) {
      const name = /^\d+: ([^\s:@]+)/.exec(block)?.[1];
      if (name === undefined || !this.#watches(name)) continue;
      known.set(name, block.replace(/^\s+valid_lft.*\n?/gm, ''));
    }
    return known;
  }
}

function matches(name: string, patterns: readonly RegExp[]): boolean {
  return patterns.some((pattern) => pattern.test(name));
}

export default defineBeacon({
  summary: 'links that go up or down, and addresses that come or go',
  description: `
\`ip monitor\` runs beside it and says when to look; what is then found is compared with what was there, so that
routers that announce themselves, wireless statistics and what comes and goes within a moment lead to nothing.`,
  properties: {
    interfaces: {
      type: 'array',
      items: { type: 'string' },
      default: ['*'],
      description: 'Names of interfaces to watch. Patterns may be used.',
    },
    except: {
      type: 'array',
      items: { type: 'string' },
      default: guests,
      description:
        'Names of interfaces that are not watched, before all those of containers. Patterns may be used.',
    },
  },
  standard: true,
  reaction: 'affected',
  start: ({ interfaces = ['*'], except = guests }, means) => new Network(interfaces, except, means),
});
