/** A run of the program inside a node, as a user would start it, and what came of it as data. */
import { checkout, type Node } from './node.ts';

/** A folder with `states` and `pillar` below it, or texts by their path below such a folder. */
export type Tree = string | { readonly [file: string]: string };

export interface ConvergeOptions {
  /** `highstate` where nothing is said: also `['apply', 'web']` or `['single', 'file.absent', 'name=/x']`. */
  readonly verb?: readonly string[];
  /** A dry run. */
  readonly test?: boolean;
  /** Further options of the program. */
  readonly options?: readonly string[];
  /** Pillar values that win over those of the tree. */
  readonly pillar?: object;
  readonly env?: { readonly [name: string]: string };
  /** Seconds. */
  readonly timeout?: number;
}

export interface Result {
  readonly id: string;
  readonly sls: string;
  readonly state: string;
  readonly fun: string;
  readonly name: string;
  readonly result: boolean | null;
  readonly verdict: 'unchanged' | 'changed' | 'would-change' | 'unknown' | 'failed' | 'skipped';
  readonly changes: { readonly [subject: string]: unknown };
  readonly comment: string;
  readonly warnings?: readonly string[];
}

export interface Converged {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Of every state, in the order of the run. */
  readonly results: readonly Result[];
  readonly summary: { readonly [count: string]: number };
  /** Addresses (`file.managed motd`) of what the run changed or a dry run would change. */
  readonly changed: readonly string[];
  readonly failed: readonly string[];
  /** Command lines of the processes that were started. */
  readonly processes: readonly string[];
  /** What was wrong before the run: it did not compile. */
  readonly errors: readonly string[];
}

/** Where the launcher of converge keeps what it compiled; other programs may as well (NODE_COMPILE_CACHE). */
export const compiled = '/opt/converge/.runtime/cache';

/** Where the tree of `converge` is put inside a node. */
export const treeFolder = '/srv/tree';

/** Without a tree: the one that is there already. */
export async function converge(
  node: Node,
  tree: Tree | undefined,
  { verb = ['highstate'], test = false, options = [], pillar, env, timeout = 180 }: ConvergeOptions,
): Promise<Converged> {
  if (tree !== undefined) await putTree(node, tree);
  const argv = [
    `${checkout}/converge`,
    ...verb,
    ...['--states', `${treeFolder}/states`, '--pillar', `${treeFolder}/pillar`, '--output', 'ndjson'],
    ...(test ? ['--test'] : []),
    ...(pillar === undefined ? [] : ['--pillar-override', JSON.stringify(pillar)]),
    ...options,
  ];
  const ran = await node.run(argv, { timeout, env });
  return { ...ran, ...read(ran.stdout) };
}

/** The tree of a node, in place of the one before. */
export async function putTree(node: Node, tree: Tree): Promise<void> {
  await node.must(['rm', '-rf', treeFolder]);
  await node.must(['mkdir', '-p', `${treeFolder}/states`, `${treeFolder}/pillar`]);
  if (typeof tree === 'string') await node.copyIn(tree, treeFolder);
  else for (const [file, text] of Object.entries(tree)) await node.write(`${treeFolder}/${file}`, text);
}

/** `file.managed motd` */
export function address({ state, fun, id }: Result): string {
  return `${state}.${fun} ${id}`;
}

/** A line that was cut short by the end of the power says nothing. */
function read(stdout: string): Omit<Converged, 'status' | 'stdout' | 'stderr'> {
  const lines = stdout.split('\n').slice(0, -1);
  const events = lines.map((line) => JSON.parse(line));
  const of = (kind: string) => events.filter(({ event }) => event === kind);
  const results: Result[] = of('state-finished');
  const { event: _, ...summary } = of('run-finished')[0] ?? {};
  const changes = ['changed', 'would-change', 'unknown'];
  return {
    results,
    summary,
    changed: results.filter(({ verdict }) => changes.includes(verdict)).map(address),
    failed: results.filter(({ verdict }) => verdict === 'failed').map(address),
    processes: of('process-started').map(({ argv }) => argv.join(' ')),
    errors: of('error').map(({ message }) => message),
  };
}
