/** How many requests one core would answer: of the API, of plain Fastify, of the store alone: node bench/api.ts [seconds] [rounds]. */
import { randomUUID } from 'node:crypto';
import autocannon from 'autocannon';
import { startBehind } from './behind.ts';
import { begin, type Program, spread } from './programs.ts';

const [duration = 5, rounds = 5] = process.argv.slice(2).map(Number);
const plain = `
import fastify from 'fastify';
const app = fastify();
app.get('/status', (_, reply) => reply.type('text/plain').send('Status: OK\\n'));
console.log('Listening on', JSON.stringify({ port: Number(new URL(await app.listen({ port: 0 })).port) }));
`;

const behind = await startBehind();
using store = behind.program;
using fastify = await begin(['--input-type=module', '-e', plain]);
using app = await behind.startApi();

interface Row {
  readonly what: string;
  readonly program: Program;
  readonly path?: string;
  /** One after the other, for one answer. */
  readonly questions?: autocannon.Request[];
}

const database = `/userdb-${Buffer.from('anna').toString('hex')}`;
const making: autocannon.Request[] = [
  { path: '/_session' },
  { path: '/api/ended:nobody', headers: { Authorization: behind.authorization } },
  { path: '/_uuids?count=1' },
  {
    method: 'PUT',
    headers: { ...behind.session, 'Content-Type': 'application/json' },
    setupRequest: (request) => ({ ...request, path: `${database}/${randomUUID()}` }),
    body: JSON.stringify({ uuids: [randomUUID()], app: 'app1', db: 'db1', at: new Date().toISOString() }),
  },
];
const rows: readonly Row[] = [
  { what: 'plain Fastify, /status', program: fastify, path: '/status' },
  { what: 'the API, /status', program: app, path: '/status' },
  { what: 'the store alone, a uuid made', program: store, path: '/_uuids?count=1' },
  { what: 'the store alone, the four questions of a uuid kept', program: store, questions: making },
  { what: 'the API, who am I', program: app, path: '/api/sessions/' },
  { what: 'the API, a uuid kept', program: app, path: '/api/sessions/uuid' },
  { what: 'the API, 100 uuids kept', program: app, path: '/api/sessions/uuid?count=100' },
];

interface Figures {
  readonly perSecond: number[];
  readonly perCore: number[];
  readonly milliseconds: number[];
}

async function measure(
  { what, program, path = '/', questions = [{}] }: Row,
  figures: Figures,
): Promise<void> {
  const url = `http://127.0.0.1:${program.port}${path}`;
  const options = { url, headers: behind.session, connections: 32, requests: questions };
  await autocannon({ ...options, duration: 1 });
  const before = program.used();
  const { requests, latency, statusCodeStats, errors } = await autocannon({ ...options, duration });
  figures.perSecond.push(requests.average / questions.length);
  figures.perCore.push(requests.total / questions.length / (program.used() - before));
  figures.milliseconds.push(latency.p50);
  // 404 is the right answer to whether a session has ended.
  const wrong = Object.keys(statusCodeStats ?? {}).filter(
    (status) => !['200', '201', '404'].includes(status),
  );
  if (errors > 0 || wrong.length > 0) throw new Error(`${what}: ${errors} errors, statuses ${wrong}`);
}

const all = rows.map((): Figures => ({ perSecond: [], perCore: [], milliseconds: [] }));
for (let round = 0; round < rounds; round++) {
  for (const [index, row] of rows.entries()) await measure(row, all[index]!);
}
console.log(`| | answers per second | per second of a core | median ms of a question |\n|---|---|---|---|`);
for (const [index, { what }] of rows.entries()) {
  const { perSecond, perCore, milliseconds } = all[index]!;
  console.log(`| ${what} | ${spread(perSecond)} | ${spread(perCore)} | ${spread(milliseconds)} |`);
}
process.exit();
