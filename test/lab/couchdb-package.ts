/** A package that takes the place of CouchDB's on nodes of the lab, in a signed repository like that of its vendor. */
import { build } from 'esbuild';
import { hashOfAdmin } from '../helpers/couchdb/passwords.ts';
import { type DebSpec, offer } from './debs.ts';
import type { Node } from './node.ts';
import { makeKey, serve, sign } from './signed-debs.ts';

/** For `boot` of bare nodes: what runs the program of the package where there is no Node.js in /usr/local/bin. */
export const couchdbBinds = { '/srv/couchdb/node': process.execPath };

/** What the pillar has below `couchdb`, all but `repository`. */
export const couchdbPillar = {
  password: 'a pass:"word"',
  // CouchDB's own number of rounds would be most of the time in a test.
  password_hash: hashOfAdmin('a pass:"word"', '00112233445566778899aabbccddeeff'),
  cookie: 'a-long-cookie',
  secret: 'hush-hush-hush',
  salt: '00112233445566778899aabbccddeeff',
  uuid: '0123456789abcdef0123456789abcdef',
};

export interface VendorRepository {
  readonly url: string;
  readonly key_url: string;
  /** Of each key that the file holds. */
  readonly fingerprint: string | readonly string[];
}

/**
 * Offers the package `couchdb` (3.5.2) from this node, which needs Node.js and the package gnupg: by HTTP at the first
 * of its addresses, signed. What is returned is `couchdb:repository` of the pillar of those that install it, this node
 * or others. They need not have the checkout: the double is in the package as one file, and is run by
 * `/srv/couchdb/node` (`boot({ bare: true, binds: couchdbBinds })`), else by `/usr/local/bin/node`.
 */
export async function offerCouchdb(node: Node, suite = 'bookworm'): Promise<VendorRepository> {
  const fingerprint = await makeKey(node, 'vendor');
  await offer(node, [await standIn()], '/srv/made', { unlisted: true });
  await node.must('cp /srv/states/vendor.asc /srv/made/key.asc');
  await sign(node, 'vendor', suite);
  const url = await serve(node, node.addresses[0]);
  return { url, key_url: `${url}key.asc`, fingerprint };
}

async function standIn(): Promise<DebSpec> {
  return {
    name: 'couchdb',
    version: '3.5.2',
    files: { ...(await couchdbFiles()), [vmArgs]: '-name couchdb@127.0.0.1\n+K true\n' },
    conffiles: [vmArgs],
    scripts: {
      postinst: `id couchdb > /dev/null 2>&1 || useradd --system --home /opt/couchdb --shell /bin/false couchdb
mkdir -p /opt/couchdb/data
chown -R couchdb: /opt/couchdb
systemctl daemon-reload`,
    },
  };
}

export const vmArgs = '/opt/couchdb/etc/vm.args';

/** What packages of both families have. */
export async function couchdbFiles(): Promise<{ [path: string]: string }> {
  const { outputFiles } = await build({
    ...{ entryPoints: [`${import.meta.dirname}/couchdb-standin.ts`], outfile: 'couchdb.mjs', write: false },
    ...{ bundle: true, platform: 'node', format: 'esm', target: 'node24' },
  });
  return {
    '/opt/couchdb/etc/local.d/README': 'Settings.\n',
    '/opt/couchdb/lib/couchdb.mjs': outputFiles[0]!.text,
    '/opt/couchdb/bin/couchdb': `#!/bin/sh
for node in /srv/couchdb/node /usr/local/bin/node; do
  [ -x $node ] && exec $node /opt/couchdb/lib/couchdb.mjs
done
echo 'There is no Node.js to run it.' >&2
exit 1
`,
    '/usr/lib/systemd/system/couchdb.service': `[Service]
User=couchdb
ExecStart=/opt/couchdb/bin/couchdb
[Install]
WantedBy=multi-user.target
`,
  };
}
