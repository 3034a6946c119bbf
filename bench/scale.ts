/** What three app nodes do, beside one, each with a share of a core: node bench/scale.ts [share] [seconds] [rounds]. */
import autocannon from 'autocannon';
import { startBehind } from './behind.ts';
import { type Limit, limit, median, type Program, spread } from './programs.ts';

const [share = 0.2, duration = 5, rounds = 7] = process.argv.slice(2).map(Number);
const connections = 96;

interface App {
  readonly program: Program;
  readonly limit: Limit;
}

interface Measured {
  readonly perSecond: number;
  /** Milliseconds of a core for an answer. */
  readonly cost: number;
  /** Shares: periods in which nodes were held back, and of a core for the store and the load. */
  readonly held: number;
  readonly store: number;
  /** The store was ready, and others had the cores. */
  readonly waited: number;
  readonly load: number;
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

using ends = new DisposableStack();
const behind = await startBehind();
ends.use(behind.program);
const apps: App[] = [];
for (let index = 0; index < 3; index++) {
  const program = ends.use(await behind.startApi());
  await loaded([program], '/status', 2);
  await loaded([program], '/api/sessions/uuid', 3);
  apps.push({ program, limit: ends.use(limit(program, share)) });
}

function loaded(programs: readonly Program[], path: string, seconds: number): Promise<autocannon.Result[]> {
  return Promise.all(
    programs.map(({ port }) =>
      autocannon({
        url: `http://127.0.0.1:${port}${path}`,
        headers: behind.session,
        connections: connections / programs.length,
        duration: seconds,
      }),
    ),
  );
}

async function measure(used: readonly App[], path: string): Promise<Measured> {
  const programs = used.map(({ program }) => program);
  const look = () => ({
    apps: total(programs.map((program) => program.used())),
    store: behind.program.used(),
    waited: behind.program.waited(),
    load: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
    all: total(used.map((app) => app.limit.periods().all)),
    held: total(used.map((app) => app.limit.periods().held)),
  });
  const before = look();
  const results = await loaded(programs, path, duration);
  const after = look();
  const failed = total(results.map(({ non2xx, errors }) => non2xx + errors));
  if (failed > 0) throw new Error(`${path}: ${failed} failed.`);
  const answers = total(results.map(({ requests }) => requests.total));
  return {
    perSecond: answers / duration,
    cost: ((after.apps - before.apps) / answers) * 1000,
    held: (after.held - before.held) / (after.all - before.all),
    store: (after.store - before.store) / duration,
    waited: (after.waited - before.waited) / duration,
    load: (after.load - before.load) / duration,
  };
}

const percent = (values: readonly number[]) => `${Math.round(median(values) * 100)} %`;
console.log(
  `${share * 100} % of a core for each app node, ${connections} connections, ${rounds} × ${duration} s`,
);
for (const path of ['/status', '/api/sessions/uuid']) {
  const [one, three]: [Measured[], Measured[]] = [[], []];
  // In turn, so that both meet the same moods of the machine.
  for (let round = 0; round < rounds; round++) {
    one.push(await measure(apps.slice(0, 1), path));
    three.push(await measure(apps, path));
  }
  const ratios = three.map(({ perSecond }, round) => perSecond / one[round]!.perSecond);
  console.log(path);
  for (const [name, figures] of Object.entries({ one, three })) {
    const of = (key: keyof Measured) => figures.map((measured) => measured[key]);
    const rest = `held back ${percent(of('held'))}, store ${percent(of('store'))} (waiting for one ${percent(of('waited'))}), load ${percent(of('load'))} of a core`;
    console.log(
      `  ${name}: ${spread(of('perSecond'))} a second, ${spread(of('cost'), 3)} ms of a core each, ${rest}`,
    );
  }
  console.log(`  ${spread(ratios, 2)} times, ${percent(ratios.map((ratio) => ratio / 3))} of the ideal`);
}
ends.dispose();
process.exit();
