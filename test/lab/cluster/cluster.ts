/** Bare machines, and the world around them: a router that speaks BGP, a nameserver, an authority of certificates. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { authorityFile, directory, provide, resume, startAuthority } from '../authority.ts';
import { checkout, copyClone } from '../bare/clone.ts';
import { type Offline, offlineVariables, prepareOffline } from '../bare/offline.ts';
import { couchdbBinds, offerCouchdb, type VendorRepository } from '../couchdb-package.ts';
import { key, zone } from '../nameservers.ts';
import { boot, type Node, type Ran } from '../node.ts';
import { mailHost, mailPort } from './mail.ts';
import { prepareRelease } from './release.ts';
import { bootBeyond, floating, nodesAsn, routeTo, startRouter, upstreamAsn } from './router.ts';

export const www = `www.${zone}`;

export type Role = 'app' | 'db';

export interface Member {
  readonly name: string;
  readonly role: Role;
  readonly node: Node;
}

/** Seconds that certificates last: two thirds later there are new ones. */
export const lifetime = 150;

/** A folder that keeps a cluster once it is made, so that whoever works on one of its tests need not wait for it again. */
const kept = process.env['CONVERGE_CLUSTER'];
const keptState = `${kept}/cluster.json`;

/** What is kept of it beside the disks of its nodes. */
interface Kept {
  readonly answers: string;
  readonly names: readonly string[];
}

export class Cluster implements AsyncDisposable {
  readonly members: Member[] = [];
  readonly #dismissed: Member[] = [];
  /** The router between the nodes and everybody else. */
  readonly upstream: Node;
  /** The nameserver and the authority of certificates. */
  readonly authority: Node;
  #visitor: Promise<Node> | undefined;
  readonly #offline: Offline;
  readonly #release: string;
  /** What the next node is told. */
  #answers: string;

  private constructor(
    upstream: Node,
    authority: Node,
    offline: Offline,
    release: string,
    repository?: VendorRepository,
  ) {
    this.upstream = upstream;
    this.authority = authority;
    this.#offline = offline;
    this.#release = release;
    const server = authority.addresses[0];
    this.#answers = JSON.stringify({
      // Everything is near, and nobody has to wait long.
      discovery: { resolvers: [server], interval: 0.5, hold_down: 2 },
      dns: { server, zone, key, ttl: 1 },
      letsencrypt: { directory, retry_after: 1 },
      couchdb: { repository },
      api: {
        // Certificates of nodes are of an authority that makes itself a new key whenever it starts.
        couchdb: { verify: false },
        mail: { host: mailHost, port: mailPort },
        // Everybody outside has one address here.
        environment: { NODE_EXTRA_CA_CERTS: authorityFile, API_LIMITS: 100 },
      },
      bird: {
        asn: nodesAsn,
        addresses: [floating],
        bfd: true,
        neighbours: { upstream: { address: upstream.addresses[0], asn: upstreamAsn } },
      },
    });
  }

  static async start(): Promise<Cluster> {
    const [offline, release] = await Promise.all([prepareOffline(checkout), prepareRelease()]);
    const disk = (name: string) => (Cluster.isKept ? `${kept}/${name}` : undefined);
    // One after the other: their addresses are by turns.
    const upstream = await boot({ name: 'upstream', packages: ['bird2'], disk: disk('upstream') });
    const authority = await boot({ name: 'authority', packages: ['gnupg'], disk: disk('authority') });
    const repository = Cluster.isKept ? undefined : await offerCouchdb(authority);
    const cluster = new Cluster(upstream, authority, offline, release, repository);
    if (Cluster.isKept) await cluster.#restore(disk);
    else {
      await Promise.all([startAuthority(authority, lifetime), startRouter(upstream, [])]);
      await authority.must(`nsupdate <<'END'
server 127.0.0.1
key ${key.algorithm}:${key.name} ${key.secret}
update delete _app._tcp.${zone}. SRV
send
END`);
      await upstream.write('/etc/resolv.conf', `nameserver ${authority.addresses[0]}\n`);
    }
    return cluster;
  }

  static get isKept(): boolean {
    return existsSync(keptState);
  }

  async #restore(disk: (name: string) => string | undefined): Promise<void> {
    const { answers, names } = JSON.parse(readFileSync(keptState, 'utf8')) as Kept;
    this.#answers = answers;
    await resume(this.authority);
    for (const name of names) await this.#boot(name, disk(name));
    await startRouter(this.upstream, this.#announcers);
  }

  /** Where a folder was named for it: all are powered off, what they have written is kept, and they go on. */
  async keep(): Promise<void> {
    if (kept === undefined || Cluster.isKept) return;
    const nodes = [this.upstream, this.authority, ...this.members.map(({ node }) => node)];
    await Promise.all(nodes.map((node) => node.stop()));
    for (const node of nodes) node.saveDisk(`${kept}/${node.name}`);
    const names = this.members.map(({ name }) => name);
    writeFileSync(keptState, JSON.stringify({ answers: this.#answers, names } satisfies Kept));
    await Promise.all(nodes.map((node) => node.start()));
    await Promise.all([resume(this.authority), startRouter(this.upstream, this.#announcers)]);
  }

  get #announcers(): Node[] {
    return this.of('app').map(({ node }) => node);
  }

  async #boot(name: string, disk?: string): Promise<Member> {
    const binds = { ...couchdbBinds, '/srv/offline': this.#offline.folder, '/srv/release': this.#release };
    const node = await boot({ name, bare: true, binds, disk });
    const member = { name, role: name.replace(/\d+$/, '') as Role, node };
    this.members.push(member);
    return member;
  }

  /** Everybody else: what it asks is what the world asks. Not before the cluster is kept. */
  visitor(): Promise<Node> {
    this.#visitor ??= bootBeyond(this.upstream, 'visitor');
    return this.#visitor;
  }

  /** A machine with nothing on it, but for what its provider gives it. */
  async add(name: string): Promise<Member> {
    const member = await this.#boot(name);
    const { node } = member;
    await provide(node, this.authority);
    await routeTo(this.upstream, this.#announcers);
    return member;
  }

  /**
   * What somebody would type on it: the first time from a clone, then from a release. Those that come later are told what
   * the one before shares.
   */
  async bootstrap({ node, role }: Member, options: readonly string[] = []): Promise<Ran> {
    await node.write('/root/answers.yaml', this.#answers);
    await node.must('chmod 600 answers.yaml');
    const isFirst = this.members.length === 1;
    if (isFirst) {
      await node.must('cp -r /srv/offline/npm /root/.npm');
      await copyClone(node, '/root/converge');
    } else await node.must('tar -xf /srv/release/converge.tar.gz');
    const env = {
      ...(isFirst ? offlineVariables(this.#offline) : {}),
      CONVERGE_RESOLVE: `other.${zone}`,
    };
    // A container has the clock of its machine, and no route to elsewhere.
    const words = ['converge/bootstrap.sh', role, '--domain', zone, '--answers', 'answers.yaml'];
    const ran = await node.run([...words, '--without', 'time,public', ...options], { env, timeout: 400 });
    if (ran.status === 0) this.#answers = await node.must('/opt/converge/tree/bootstrap.sh share');
    return ran;
  }

  /** Of the administrator of CouchDB, as the nodes made it up. */
  get password(): string {
    return /^couchdb:\n(?: {2}.*\n)*? {2}password: "(.*)"/m.exec(this.#answers)![1]!;
  }

  of(role: Role): Member[] {
    return this.members.filter((member) => member.role === role);
  }

  named(name: string): Node {
    return this.members.find((member) => member.name === name)!.node;
  }

  /** Its machine runs on, as no part of the cluster. */
  dismiss(name: string): void {
    const index = this.members.findIndex((member) => member.name === name);
    this.#dismissed.push(...this.members.splice(index, 1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const members = [...this.members, ...this.#dismissed].map(({ node }) => node);
    const nodes = [...members, this.upstream, this.authority];
    const visitor = await this.#visitor?.catch(() => undefined);
    await Promise.all([visitor, ...nodes].map((node) => node?.[Symbol.asyncDispose]()));
  }
}
