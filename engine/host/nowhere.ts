/** A machine with nothing on it: where states are looked at that are to be judged without a host. */
import { HostTrouble, type Reader } from '../core/host.ts';
import { unknownUnit } from './units.ts';

/** What comes from the trees and not from a machine. */
export interface Given {
  readonly sources: Pick<Reader, 'source' | 'sourceTree'>;
  readonly render: Reader['render'];
  readonly grain: Reader['grain'];
  readonly pillar: Reader['pillar'];
}

/** Nothing is there, nothing is fetched, and no command is run. */
export function createNowhere({ sources, render, grain, pillar }: Given): Reader {
  return {
    rooted: false,
    self: { uid: 0, gid: 0 },
    umask: 0o022,
    stat: () => undefined,
    content: () => undefined,
    list: () => undefined,
    link: () => undefined,
    resolve: (path) => path,
    user: () => undefined,
    group: () => undefined,
    users: () => [],
    groups: () => [],
    shadow: () => undefined,
    source: (url) => sources.source(url),
    sourceTree: (url) => sources.sourceTree(url),
    fetch: async (url) => ({ missing: `${url} is not fetched here` }),
    render,
    probe: async () => ({ status: 127, stdout: '', stderr: '', pid: 0 }),
    ask: async () => ({ status: 127, stdout: '', stderr: '', pid: 0 }),
    reach: async () => ({ reached: false, seen: 'nothing is reached here' }),
    handshake: async () => ({ unseen: 'nothing is reached here' }),
    request: async ({ url }) => {
      throw new HostTrouble(`${url} is not asked here.`);
    },
    records: async ({ name, zone = name }) => ({ zone, records: [] }),
    packages: () => new Map(),
    fetchLists: async () => undefined,
    candidates: async () => new Map(),
    units: async (names) => new Map(names.map((name) => [name, unknownUnit(name)])),
    environment: () => ({}),
    recall: () => [],
    grain,
    pillar,
  };
}
