/** Hears from systemd which units change, over its own socket: without the bus, and without a process. */
import { connect } from 'node:net';
import { createMessageReader, type Message, pingOf } from './dbus.ts';
import { unitAliases } from './unit-aliases.ts';

export interface UnitListener {
  /** By every name that the unit has. */
  unit(name: string): void;
  /** Any of them may have changed. Also told when it begins to hear. */
  all(): void;
  end(reason: string): void;
}

/** Whoever connects here is sent every signal unasked. Only root may. */
const privateSocket = '/run/systemd/private';

const manager = '/org/freedesktop/systemd1';
const unitsBelow = `${manager}/unit/`;

/** Milliseconds after which it is first asked, and then after twice as many each time. */
const firstQuestion = 5;

/** Milliseconds after which a unit that was read counts as there to stay. */
const stay = 50;

/** Units of which it is remembered what was told last. */
const remembered = 2000;

/**
 * Once it has ended it tells nothing more. What is told while we are busy waits for us; where that becomes too much
 * systemd closes the connection.
 *
 * ```
 *   connects ──OK──▶ asks for a sign of life ──answered──▶ all(), then unit() … ──▶ end()
 * ```
 */
export function unitSignals(
  on: UnitListener,
  { socket = privateSocket, aliases = unitAliases }: { socket?: string; aliases?: typeof unitAliases } = {},
): Disposable {
  const connection = connect(socket);
  const latest = new Map<string, string>();
  /** Read by systemd just now: on somebody's question, or because something has come, such as a mount. */
  const fresh = new Set<string>();
  let names: ReturnType<typeof unitAliases> | undefined;
  let timer: NodeJS.Timeout | undefined;
  let question: NodeJS.Timeout | undefined;
  let greeting: string | undefined = '';
  let reloading = false;
  let over = false;

  const read = createMessageReader((message) => {
    if (!over) hear(message);
  });
  connection.on('connect', () => {
    const uid = Buffer.from(String(process.getuid?.() ?? 0)).toString('hex');
    connection.write(`\0AUTH EXTERNAL ${uid}\r\n`);
  });
  connection.on('data', (bytes) => {
    try {
      if (greeting === undefined) read(bytes);
      else greet(bytes);
    } catch (error) {
      end(`systemd cannot be understood: ${(error as Error).message}`);
    }
  });
  connection.on('error', (error) => end(reasonOf(error)));
  connection.on('close', () => end('systemd has closed the connection'));

  function greet(bytes: Buffer): void {
    greeting += bytes.toString('latin1');
    if (!greeting!.includes('\n') && greeting!.length < 1000) return;
    if (!greeting!.startsWith('OK ')) {
      end('systemd lets only root listen');
      return;
    }
    greeting = undefined;
    connection.write('BEGIN\r\n');
    question = setTimeout(ask, firstQuestion, firstQuestion);
  }

  /** What systemd reads together with BEGIN it only heeds when more arrives. */
  function ask(wait: number): void {
    connection.write(pingOf(manager));
    question = setTimeout(ask, 2 * wait, 2 * wait);
  }

  function hear({ kind, path, member, body }: Message): void {
    // An answer, even if our question was none to its taste. Others are to questions before it.
    if (question && (kind === 'answer' || kind === 'error')) {
      clearTimeout(question);
      question = undefined;
      everything();
    }
    if (kind !== 'signal') return;
    switch (member) {
      case 'PropertiesChanged':
        if (path.startsWith(unitsBelow)) changed(unitOfPath(path), body);
        return;
      case 'JobRemoved':
        // Its number, its path, the unit.
        body.number();
        body.text();
        tell(body.text());
        return;
      case 'UnitNew':
        appeared(body.text());
        return;
      case 'UnitRemoved': {
        const name = body.text();
        fresh.delete(name);
        if (!reloading) latest.delete(name);
        return;
      }
      case 'UnitFilesChanged':
        everything();
        return;
      case 'Reloading':
        reloading = body.number() !== 0;
        if (!reloading) everything();
    }
  }

  /** What depends on a unit that is read is told of as changed, too, in the same words as before. */
  function changed(name: string, body: Message['body']): void {
    if (body.text() !== 'org.freedesktop.systemd1.Unit') return;
    const words = body.bytes.toString('latin1');
    if (latest.get(name) === words) return;
    if (latest.size >= remembered) latest.clear();
    latest.set(name, words);
    tell(name);
  }

  /**
   * systemd tells of a mount only that there is a new unit. The same it tells where somebody looks at a unit that is
   * not in use, as we do; that one is forgotten again at once.
   */
  function appeared(name: string): void {
    if (reloading) return;
    fresh.add(name);
    timer ??= setTimeout(() => {
      timer = undefined;
      const all = [...fresh];
      fresh.clear();
      for (const one of all) tell(one);
    }, stay);
  }

  function everything(): void {
    names = undefined;
    fresh.clear();
    on.all();
  }

  function tell(name: string): void {
    names ??= aliases();
    on.unit(name);
    for (const alias of names.get(name) ?? []) if (!over) on.unit(alias);
  }

  function end(reason: string): void {
    if (over) return;
    stop();
    on.end(reason);
  }

  function stop(): void {
    over = true;
    clearTimeout(timer);
    clearTimeout(question);
    connection.destroy();
  }
  return { [Symbol.dispose]: stop };
}

/** systemd writes every byte of a name that is no letter or digit as `_` and two hexadecimal digits. */
export function unitOfPath(path: string): string {
  const label = path.slice(path.lastIndexOf('/') + 1);
  if (!label.includes('_')) return label;
  const bytes = label.replace(/_([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, 'latin1').toString();
}

function reasonOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ENOENT' || code === 'ECONNREFUSED') return 'systemd does not run here';
  if (code === 'EACCES' || code === 'EPERM') return 'systemd lets only root listen';
  return `systemd cannot be heard: ${message}`;
}
