/** What the API tells Prometheus, and operators at /status. */
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Api } from './api.ts';

export class Metrics {
  readonly #registry = new Registry();
  readonly #seconds: Histogram<'method' | 'route' | 'status'>;

  constructor(api: Api | undefined) {
    const registers = [this.#registry];
    collectDefaultMetrics({ register: this.#registry });
    this.#seconds = new Histogram({
      name: 'api_request_seconds',
      help: 'How long answers took.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
      registers,
    });
    if (api === undefined) return;
    const members = () => api.store.cluster.members;
    const gauges = {
      api_db_well: ['Whether the db node answers.', ({ isWell }) => Number(isWell)],
      api_db_in_flight: ['Requests to the db node without an answer yet.', ({ inFlight }) => inFlight],
      api_db_served: ['Answers of the db node since the API began.', ({ served }) => served],
    } satisfies {
      [name: string]: [help: string, value: (member: ReturnType<typeof members>[number]) => number];
    };
    for (const [name, [help, value]] of Object.entries(gauges)) {
      new Gauge({
        name,
        help,
        labelNames: ['db'],
        registers,
        collect() {
          this.reset();
          for (const member of members()) this.set({ db: member.name }, value(member));
        },
      });
    }
    new Gauge({
      name: 'api_mails_waiting',
      help: 'Mails that no server has taken yet.',
      registers,
      async collect() {
        this.set(await api.mails.waiting());
      },
    });
  }

  /** By its pattern, as the path itself may tell names and links. */
  observe(method: string, route: string, status: number, milliseconds: number): void {
    this.#seconds.observe({ method, route, status }, milliseconds / 1000);
  }

  text(): Promise<string> {
    return this.#registry.metrics();
  }
}

/** For who has the token. */
export async function details(api: Api | undefined): Promise<object> {
  const db = api?.store.cluster.members.map(({ name, isWell, inFlight, served }) => ({
    name,
    isWell,
    inFlight,
    served,
  }));
  return { uptime: Math.round(process.uptime()), mails: await api?.mails.waiting(), db };
}
