/** A machine of data for the states of the firewall: what real nft, ss and ip printed. */
import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { listCommand, textCommand } from '../../../engine/modules/firewall/_listing.ts';
import { trialArgv } from '../../../engine/modules/firewall/_trial.ts';

/** What the listings in `recorded` are of: as nft 1.0.6 (Debian 12) and 1.1.3 (Debian 13) have it. */
export const small = {
  zones: { public: 'eth0', private: ['eth1', 'wg*'] },
  sets: { members: ['10.77.0.11', '10.77.0.12', 'fd00:77::/64'], nobody: [] },
  services: { ssh: { tcp: 22 }, web: { tcp: [80, 443] } },
  allow: [
    { service: 'ssh', rate: '10/minute' },
    { service: 'web', zone: 'public' },
    { zone: 'private', from: ['members', 'nobody'] },
  ],
};

export const versions = ['1.0.6', '1.1.3'] as const;

export function recorded(name: string): string {
  return readFileSync(path.join(import.meta.dirname, 'recorded', name), 'utf8');
}

export function listed(version: (typeof versions)[number] = '1.0.6'): string {
  return JSON.stringify(JSON.parse(recorded(`nft-${version}.json`)));
}

export const text = recorded('nft.txt');

interface Live {
  /** What nft lists of the machine's own table; nothing is there where it is empty. */
  readonly json?: string;
  readonly text?: string;
  /** What it would list of the wanted one. */
  readonly wanted?: string;
  readonly wantedText?: string;
  /** Lines of `ss -Hltnp`. */
  readonly ss?: string;
}

export function answers({ json = '', text: live = '', wanted = listed(), wantedText = text, ss }: Live): {
  [command: string]: string;
} {
  return {
    [listCommand.argv.join(' ')]: json,
    [textCommand.argv.join(' ')]: live,
    [trialArgv.join(' ')]: `${wanted}\n--- as text ---\n${wantedText}`,
    'nft -c -f -': '',
    'ip -j -d addr show': JSON.stringify([
      { ifname: 'lo', addr_info: [{ local: '127.0.0.1' }] },
      { ifname: 'eth0', addr_info: [{ local: '198.51.100.11' }, { local: '2001:db8::11' }] },
      { ifname: 'eth1', addr_info: [{ local: '10.77.0.11' }] },
    ]),
    ...(ss !== undefined && { 'ss -Hltnp': ss }),
  };
}
