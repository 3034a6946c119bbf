/** http.served: a server answers as one that has read its files, and is reloaded where it has not. */
import type { HttpTarget, Reached, Unit, UnitEffect } from '../../core/host.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { defineState, type Step } from '../../core/state.ts';
import { type Now as Asked, queryProperties, readQuery } from './_query.ts';

interface Now extends Asked {
  readonly unit: Unit;
}

const { method: _, data: __, ...asking } = queryProperties;

const properties = {
  ...asking,
  match: { ...queryProperties.match, type: ['string', 'number'] },
  unit: { type: 'string', minLength: 1, description: 'Unit of systemd that is reloaded.' },
  restart: {
    type: 'boolean',
    default: false,
    description: 'Restart the unit instead: for servers that cannot be reloaded.',
  },
  request_interval: { ...queryProperties.request_interval, default: 0.05 },
  backoff: { ...queryProperties.backoff, default: 1.5 },
  max_interval: { ...queryProperties.max_interval, default: 1 },
  timeout: {
    type: 'number',
    minimum: 0,
    maximum: 3600,
    default: 10,
    description: 'Seconds until it has to answer as wanted.',
  },
} as const;

export default defineState({
  summary: 'the server answers as one that has read its files',
  description: `
Asks a server for something that only its present configuration says, and reloads it where it says something else; then it is
asked until it answers as wanted. So a reload takes place where one is needed, not only where a file was just changed: one
that was missed or has failed is made up for. Where it fails, the server goes on as it was. It also reloads for what it
watches, once for both reasons.

A server that does not run is left to \`service.running\`, which comes after it: it reads its files when it starts.

Unlike Salt: http.served is not one of Salt's states.`,
  properties,
  required: ['match', 'unit'],
  examples: [
    {
      title: 'haproxy, which tells the version of its configuration',
      sls: `/etc/haproxy/haproxy.cfg:
  file.managed:
    - contents: |
        frontend version
          mode http
          bind 127.0.0.1:8404
          http-request return status 200 content-type text/plain string v12
    - makedirs: true

haproxy has read it:
  http.served:
    - name: http://127.0.0.1:8404/
    - match: v12
    - unit: haproxy
    - require:
      - file: /etc/haproxy/haproxy.cfg

haproxy:
  service.running:
    - require:
      - http: haproxy has read it
`,
    },
  ],
  needs: ({ unit }) => [{ kind: 'unit', name: unit }],
  async read(args, reader): Promise<Now | undefined> {
    if (reader.rooted) return undefined;
    const unit = (await reader.units([args.unit])).get(args.unit)!;
    return { ...(await readQuery({ ...args, method: 'GET' }, reader)), unit };
  },
  plan(args, now) {
    if (now === undefined) return { steps: [], comment: 'Nothing is served below a root.' };
    const { unit, target } = now;
    if (unit.load === 'not-found')
      return {
        refused: `There is no unit ${unit.name}.`,
        hint: 'Check the name, or require the state that brings it.',
      };
    const found = now.found as Reached;
    if (found.reached) return { steps: [], comment: `It answers: ${found.seen}` };
    if (!runs(now))
      return { steps: [], comment: `${unit.name} does not run: it will read its files when it starts.` };
    const old = `another one (${found.seen})`;
    return [
      { change: { subject: 'configuration', old, new: 'the present one' }, effect: reload(args) },
      look(args, target),
    ];
  },
  react(args, now, taken) {
    if (now === undefined || !runs(now) || taken.length > 0) return [];
    return [
      { change: { subject: 'state', old: now.unit.active, new: 'reloaded' }, effect: reload(args) },
      look(args, now.target),
    ];
  },
});

function runs({ unit }: Now): boolean {
  return unit.active === 'active' || unit.active === 'reloading';
}

function reload({ unit, restart }: { readonly unit: string; readonly restart: boolean }): UnitEffect {
  // What it answers tells more than that it stays up for a while.
  return { kind: 'unit', unit, verb: restart ? 'restart' : 'reload', settle: 0 };
}

function look(args: ArgumentsOf<typeof properties>, target: HttpTarget): Step {
  return {
    effect: {
      kind: 'await',
      target,
      timeout: args.timeout,
      every: args.request_interval,
      backoff: args.backoff,
      most: Math.max(args.request_interval, args.max_interval),
      attempt: args.request_timeout,
      hint: `journalctl -u ${args.unit} tells why it does not take what it is given.`,
    },
  };
}
