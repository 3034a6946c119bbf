/** The world that bare machines are bootstrapped in: a nameserver, an authority of certificates, a release to download. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { directory, provide, startAuthority } from '../authority.ts';
import { checkout, copyClone } from '../bare/clone.ts';
import { type Offline, offlineVariables, prepareOffline } from '../bare/offline.ts';
import type { Family } from '../cache.ts';
import { prepareRelease } from '../cluster/release.ts';
import { couchdbBinds, offerCouchdb, type VendorRepository } from '../couchdb-package.ts';
import { addSources, offerCouchdbRpm } from '../couchdb-rpm.ts';
import { key, zone } from '../nameservers.ts';
import { boot, type Node, type Ran } from '../node.ts';

export interface WorldOptions {
  /** Whether machines have what a clone is built with, or a release that is served at `releaseUrl`. */
  readonly from: 'clone' | 'release';
  /** Which of Debian's suites there is a CouchDB for, or `rpm`: then with what nodes need of CentOS and EPEL. */
  readonly couchdb?: string;
}

export class World implements AsyncDisposable {
  readonly authority: Node;
  readonly #machines: Node[] = [];
  readonly #offline: Offline | undefined;
  readonly #couchdb: VendorRepository | undefined;
  readonly #sum: string;

  private constructor(authority: Node, offline?: Offline, couchdb?: VendorRepository, sum = '') {
    this.authority = authority;
    this.#offline = offline;
    this.#couchdb = couchdb;
    this.#sum = sum;
  }

  static async start({ from, couchdb }: WorldOptions): Promise<World> {
    const release = from === 'release' ? await prepareRelease() : undefined;
    const offline = from === 'clone' ? await prepareOffline(checkout) : undefined;
    const binds: { [inside: string]: string } = release ? { '/srv/release': release } : {};
    const packages = couchdb && couchdb !== 'rpm' ? ['gnupg'] : [];
    const authority = await boot({ name: 'authority', binds, packages });
    // No certificate is due while a test looks whether a second run changes anything.
    await startAuthority(authority, 3600);
    const offerIt = couchdb === 'rpm' ? offerCouchdbRpm : offerCouchdb;
    const repository = couchdb ? await offerIt(authority, couchdb) : undefined;
    if (release) {
      const serve = [
        'node',
        `${import.meta.dirname.replace(checkout, '/opt/converge')}/serve.ts`,
        '/srv/release',
      ];
      await authority.must(['systemd-run', '-q', '--unit=releases', ...serve]);
    }
    const sum =
      release &&
      createHash('sha256')
        .update(readFileSync(`${release}/converge.tar.gz`))
        .digest('hex');
    return new World(authority, offline, repository, sum);
  }

  /** Where a release is, and what it has to be. */
  get release(): string {
    return `http://${this.authority.addresses[0]}:8000/converge.tar.gz#sha256=${this.#sum}`;
  }

  /** A machine with nothing on it but what its provider gives it, bootstrap.sh and a file of answers. */
  async machine(name: string, family: Family = 'debian'): Promise<Node> {
    const offline = this.#offline && { '/srv/offline': this.#offline.folder };
    const node = await boot({ name, family, bare: true, binds: { ...couchdbBinds, ...offline } });
    this.#machines.push(node);
    await provide(node, this.authority);
    if (family === 'rpm' && this.#couchdb) await addSources(node, this.authority);
    if (offline) {
      await node.must('cp -r /srv/offline/npm /root/.npm');
      await copyClone(node, '/root/converge');
    } else {
      await node.write('/root/converge/bootstrap.sh', readFileSync(`${checkout}/bootstrap.sh`, 'utf8'));
      await node.must('chmod +x converge/bootstrap.sh');
    }
    await this.tell(node, {});
    return node;
  }

  /** The file of answers of a machine. */
  async tell(node: Node, more: object): Promise<void> {
    const server = this.authority.addresses[0];
    const answers = {
      discovery: { resolvers: [server], interval: 0 },
      dns: { server, zone, key },
      letsencrypt: { directory, secret: 'what all nodes share, of course', retry_after: 1 },
      couchdb: {
        password: 'by-which-the-API-writes-accounts',
        ...(this.#couchdb ? { repository: this.#couchdb } : {}),
      },
      api: { secret: 'what app nodes know links and sessions by' },
      ...more,
    };
    await node.write('/root/answers.yaml', JSON.stringify(answers));
    await node.must('chmod 600 answers.yaml');
  }

  /** `bootstrap.sh` with these words, from what the machine was given first. */
  bootstrap(
    node: Node,
    words: readonly string[],
    options: { readonly script?: string; readonly stdin?: string } = {},
  ): Promise<Ran> {
    const { script = 'converge/bootstrap.sh', ...rest } = options;
    const env = {
      ...(this.#offline ? offlineVariables(this.#offline) : {}),
      CONVERGE_RESOLVE: `other.${zone}`,
    };
    return node.run([script, ...words], { env, timeout: 250, ...rest });
  }

  /** What somebody types on a new machine. A container has the clock of its machine, and no route to elsewhere. */
  async join(node: Node, role: 'app' | 'db', options: readonly string[] = []): Promise<Ran> {
    const source = this.#offline ? [] : ['--source', this.release];
    const usual = ['--without', 'time,public', '--domain', zone, '--answers', 'answers.yaml'];
    const ran = await this.bootstrap(node, [role, ...source, ...usual, ...options]);
    const took = /^That took .*$/m.exec(ran.stdout);
    if (took) console.log(`      ${node.name}, ${node.family}: ${took[0]}`);
    return ran;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#machines, this.authority].map((node) => node[Symbol.asyncDispose]()));
  }
}
