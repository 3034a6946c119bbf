/** Inside a node: starts converge again and again and kills it, at moments that a seed decides; a line for each round. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const [seed, kills] = process.argv.slice(2).map(Number) as [number, number];
const random = mulberry32(seed);
const words = '--states /srv/tree/states --pillar /srv/tree/pillar --output quiet --wait 0'.split(' ');

export interface Round {
  /** Milliseconds after the start at which it was to be killed. */
  readonly delay: number;
  /** 137: it was killed; else it ended by itself before. */
  readonly status: number;
  readonly stderr: string;
  /** What is not as it should be after it. */
  readonly wrong: readonly string[];
}

let word = 0;
newWord();
await run(undefined);
newWord();
const began = performance.now();
await run(undefined);
/** How long a run takes that has all to change, on this machine, now. */
const whole = performance.now() - began;
let killed = 0;
for (let round = 0; killed < kills && round < 3 * kills; round++) {
  // Every tenth in its first moments, every fifth around its end.
  const delay =
    round % 10 === 0 ? random() * 50 : whole * (round % 5 === 1 ? 0.8 + random() * 0.3 : random());
  const { status, stderr } = await run(delay);
  if (status === 137) killed += 1;
  // One that was killed may have to be caught up with, together with a further change of the tree.
  if (status === 0 || random() < 0.3) newWord();
  const told: Round = { delay: Math.round(delay), status, stderr, wrong: wrongNow() };
  process.stdout.write(`${JSON.stringify(told)}\n`);
}

async function run(delay: number | undefined): Promise<{ status: number; stderr: string }> {
  const child = spawn('/opt/converge/converge', ['highstate', ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.on('data', (data: Buffer) => {
    stderr += data.toString();
  });
  const timer = delay === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), delay);
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  clearTimeout(timer);
  return { status: signal === 'SIGKILL' ? 137 : (code ?? -1), stderr };
}

function newWord(): void {
  word += 1;
  writeFileSync('/srv/tree/pillar/word.yaml', `word: ${word}\n`);
}

function wrongNow(): string[] {
  return [...halfFiles(), ...unreadable('/var/lib/converge'), ...piles()];
}

/** The first line of each file names the same word as its last. */
function halfFiles(): string[] {
  return namesIn('/srv/files')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      const lines = readFileSync(`/srv/files/${name}`, 'utf8').split('\n');
      return lines[0]!.replace('begin', 'end') !== lines.at(-2);
    })
    .map((name) => `/srv/files/${name} is half written`);
}

/** What converge keeps for its next runs: of lines appended to a file the last may be torn, all else is whole. */
function unreadable(folder: string): string[] {
  return namesIn(folder).flatMap((name) => {
    const file = `${folder}/${name}`;
    if (name.endsWith('.ndjson')) {
      const lines = readFileSync(file, 'utf8').split('\n');
      return lines.slice(0, -1).every((line) => line === '' || isJson(line))
        ? []
        : [`${file} has a torn line`];
    }
    return !name.endsWith('.json') || isJson(readFileSync(file, 'utf8')) ? [] : [`${file} is damaged`];
  });
}

/** What a run that was killed leaves half done is gone after the next one: nothing piles up. */
function piles(): string[] {
  const places = [
    { folder: '/srv/files', most: 1 },
    { folder: '/etc', most: 1 },
    // Copies of what a step replaces are made together.
    { folder: '/var/lib/converge', most: 5 },
  ];
  return places
    .map(({ folder, most }) => ({ folder, most, left: namesIn(folder).filter(isTemporary) }))
    .filter(({ left, most }) => left.length > most)
    .map(({ folder, left }) => `${folder} has ${left.join(' ')}`);
}

function isTemporary(path: string): boolean {
  return /(^|\/)\.(converge-|new-)[^/]*$|\.(new|tmp)$/.test(path);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true }) as string[];
  } catch {
    return [];
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Numbers from 0 to 1 that the seed decides: Mulberry32 (Tommy Ettinger, public domain). */
function mulberry32(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
