/** The part of `beacons.test.ts` that runs inside a node: beacons as the watch starts them, and when they told what. */
import { execFile } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import type { Outcome } from '../../engine/core/host.ts';
import { follow } from '../../engine/host/follow.ts';
import { unitSignals } from '../../engine/host/unit-signals.ts';
import type { Machine, Means } from '../../engine/watch/beacon.ts';
import network from '../../engine/watch/beacons/network.ts';
import service from '../../engine/watch/beacons/service.ts';

const [out, ...units] = process.argv.slice(2) as [string, ...string[]];

/** Milliseconds since the epoch, which beacon, what it said. */
function tell(...words: readonly string[]): void {
  appendFileSync(out, `${Date.now()} ${words.join(' ')}\n`);
}

function meansOf(beacon: string): Means {
  return {
    id: 'node',
    clock: {
      now: Date.now,
      after(milliseconds, work) {
        const timer = setTimeout(work, milliseconds);
        return { [Symbol.dispose]: () => clearTimeout(timer) };
      },
    },
    machine: {
      follow,
      unitSignals,
      run: ({ argv }) =>
        new Promise<Outcome>((resolve) => {
          const [program = '', ...words] = argv;
          execFile(program, words, { maxBuffer: 16 << 20 }, (error, stdout, stderr) =>
            resolve({ status: error ? 1 : 0, stdout, stderr, pid: 0 }),
          );
        }),
    } as Pick<Machine, 'follow' | 'unitSignals' | 'run'> as Machine,
    notify: (name) => tell(beacon, name),
    warn: (message) => tell(beacon, 'warning:', message),
  };
}

service.start({ units: [...units] }, meansOf('service'), '');
const links = network.start({ interfaces: ['*'], except: ['veth*'] }, meansOf('network'), '');
await links.look!();
tell('ready');
