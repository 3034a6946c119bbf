/** Three nodes as if each were in a process of its own: they know of each other only what they are told by the network. */
import { once } from 'node:events';
import * as net from 'node:net';
import { join } from 'node:path';
import { temporaryFolder } from '../folders.ts';
import { password } from './double.ts';
import { type Member, type MemberOptions, startMember } from './member.ts';
import { hashOfAdmin } from './passwords.ts';

export interface Members extends AsyncDisposable {
  readonly names: readonly string[];
  readonly urls: readonly string[];
  /** The node of this number ends, and starts again. */
  die(index: number): Promise<void>;
  revive(index: number): Promise<void>;
}

export interface MembersOptions {
  readonly count?: number;
  /** Of single nodes, where they are not those of the others. */
  readonly cookies?: { readonly [index: number]: string };
  readonly seeds?: (index: number, names: readonly string[]) => readonly string[];
}

export async function startMembers(options: MembersOptions = {}): Promise<Members> {
  const { count = 3, cookies = {}, seeds = (_, all) => all } = options;
  const folder = temporaryFolder();
  const [port, distributionPort] = [await freePort(), await freePort()];
  const hosts = Array.from({ length: count }, (_, index) => `127.0.0.${index + 2}`);
  const names = hosts.map((host) => `couchdb@${host}`);
  const hash = hashOfAdmin(password);
  const optionsOf = (index: number): MemberOptions => ({
    name: names[index]!,
    cookie: cookies[index] ?? 'cookie',
    config: new Map([
      ['admins', new Map([['admin', hash]])],
      ['chttpd_auth', new Map([['secret', 'a secret']])],
      ['cluster', new Map([['seedlist', seeds(index, names).join(',') || names[index]!]])],
    ]),
    folder: join(folder.path, String(index)),
    host: hosts[index]!,
    port,
    distribution: { host: hosts[index]!, port: distributionPort },
  });
  const running: (Member | undefined)[] = await Promise.all(
    hosts.map((_, index) => startMember(optionsOf(index))),
  );
  const die = async (index: number) => {
    await running[index]?.[Symbol.asyncDispose]();
    running[index] = undefined;
  };
  return {
    names,
    urls: hosts.map((host) => `http://${host}:${port}`),
    die,
    async revive(index) {
      running[index] = await startMember(optionsOf(index));
    },
    async [Symbol.asyncDispose]() {
      for (const index of hosts.keys()) await die(index);
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  return port;
}
