/** The packages that `offer` makes, as a signed repository that a web server of the node offers. */
import type { Node } from './node.ts';

export const repository = 'http://127.0.0.1:8081/';

/** Makes a key inside the node and gives it to the file roots; returns its fingerprint. */
export async function makeKey(node: Node, name: string): Promise<string> {
  await node.must(
    `gpg -q --batch --passphrase '' --quick-gen-key ${name}@example.org rsa2048 sign never && mkdir -p /srv/states && gpg -q --armor --export ${name}@example.org > /srv/states/${name}.asc`,
  );
  const shown = await node.must(`gpg --with-colons --list-keys ${name}@example.org`);
  return /^fpr:+([0-9A-F]{40})/m.exec(shown)![1]!;
}

/** Once with a release, and once flat. */
export async function sign(node: Node, key: string, suite = 'stable'): Promise<void> {
  await node.must(script, { env: { KEY: `${key}@example.org`, SUITE: suite } });
}

const script = `
cd /srv/made
mkdir -p dists/$SUITE/main/binary-amd64
cp Packages dists/$SUITE/main/binary-amd64/
release() {
  printf "Origin: lab\\nSuite: $SUITE\\nCodename: $SUITE\\nComponents: main\\nArchitectures: amd64\\nDate: %s\\nSHA256:\\n" "$(date -Ru)"
  for file in "$@"; do echo " $(sha256sum "$file" | cut -d' ' -f1) $(stat -c %s "$file") $file"; done
}
rm -f InRelease dists/$SUITE/InRelease
(cd dists/$SUITE; release main/binary-amd64/Packages) | gpg -q --clearsign -u "$KEY" > dists/$SUITE/InRelease
release Packages | gpg -q --clearsign -u "$KEY" > InRelease
`;

const server = `
const { createServer } = require('node:http'); const { readFile } = require('node:fs');
createServer((request, response) => readFile('/srv/made' + new URL(request.url, 'http://x').pathname, (error, data) => {
  response.statusCode = error ? 404 : 200; response.end(data);
})).listen(8081, process.argv[2]);
`;

/** Returns its URL. */
export async function serve(node: Node, address = '127.0.0.1'): Promise<string> {
  const url = `http://${address}:8081/`;
  await node.write('/srv/server.cjs', server);
  await node.write(
    '/etc/systemd/system/web.service',
    `[Service]\nExecStart=/usr/bin/env node /srv/server.cjs ${address}\n[Install]\nWantedBy=multi-user.target\n`,
  );
  await node.must('systemctl enable -q --now web');
  await node.until(`curl -s -o /dev/null ${url}`);
  return url;
}
