/** Mail that a node of states/common sends: taken by a relay, of which the test reads what it was told. */
import { expect } from 'chai';
import { expectGood, expectNothing, run } from './common-runs.ts';
import type { Node } from './node.ts';

const password = 'it is "a" pass$word';

/** Pillar. */
export const mail = {
  ...{ relay: '127.0.0.1', port: 2525, user: 'node', password, tls: 'none' },
  root: 'ops@example.org',
};

/** Takes mail and keeps it. */
const relay = `
const { appendFileSync, existsSync, readFileSync } = require('node:fs');
const serve = (socket) => {
  let data = false;
  let rest = '';
  socket.write('220 relay ESMTP\\r\\n');
  socket.on('data', (bytes) => {
    const lines = (rest + bytes).split('\\r\\n');
    rest = lines.pop();
    for (const line of lines) {
      appendFileSync('/root/mail', line + '\\n');
      if (data) {
        if (line === '.') { data = false; socket.write('250 taken\\r\\n'); }
      } else if (/^EHLO/i.test(line)) socket.write('250-relay\\r\\n250 AUTH PLAIN\\r\\n');
      else if (/^DATA/i.test(line)) { data = true; socket.write('354 go on\\r\\n'); }
      else if (/^AUTH/i.test(line)) socket.write('235 welcome\\r\\n');
      else if (/^QUIT/i.test(line)) socket.end('221 bye\\r\\n');
      else socket.write('250 ok\\r\\n');
    }
  });
};
require('node:net').createServer(serve).listen(2525, '127.0.0.1');
if (existsSync('/root/relay.key')) {
  const identity = { key: readFileSync('/root/relay.key'), cert: readFileSync('/root/relay.crt') };
  require('node:tls').createServer(identity, serve).listen(465, '127.0.0.1').on('tlsClientError', () => {});
}
`;

export async function startRelay(node: Node): Promise<void> {
  await node.write('/root/relay.cjs', relay);
  await node.write(
    '/etc/systemd/system/relay.service',
    '[Service]\nExecStart=/usr/local/bin/node /root/relay.cjs\n',
  );
  await node.must('systemctl start relay');
}

export async function expectMail(node: Node): Promise<void> {
  await node.must("printf 'Subject: hello\\n\\nworld\\n' | /usr/sbin/sendmail root");
  await node.until('grep -q ^world /root/mail');
  const told = await node.must('cat /root/mail');
  expect(told).to.include('RCPT TO:<ops@example.org>');
  expect(told).to.include(`AUTH PLAIN ${Buffer.from(`\0node\0${password}`).toString('base64')}`);
  expect(await node.must("ss -Hltn 'sport = :25'")).to.not.match(/0\.0\.0\.0:25|\*:25/);
}

/** An authority that nobody knows yet, and what it says of the relay. */
const identity = `
cd /root
openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -days 2 -subj '/CN=lab'
openssl req -newkey rsa:2048 -nodes -keyout relay.key -out relay.csr -subj /CN=relay.example.org
printf 'subjectAltName=DNS:relay.example.org' > names
openssl x509 -req -in relay.csr -CA ca.crt -CAkey ca.key -days 2 -extfile names -out relay.crt
echo '127.0.0.1 relay.example.org' >> /etc/hosts
systemctl restart relay
rm -f mail`;

/** Mail is sent to nobody but the relay: one that cannot prove its name gets neither it nor the password. */
export async function expectMailByTls(node: Node): Promise<void> {
  await node.must(identity);
  const { tls: _, ...rest } = mail;
  const secure = { ...rest, relay: 'relay.example.org', port: 465, settings: { smtp_host_lookup: 'native' } };
  const given = { common: { mail: secure }, verb: ['apply', 'common.mail'] };
  expectGood(await run(node, given));
  expectNothing(await run(node, given));
  await node.must("printf 'Subject: secret\\n\\nsafely\\n' | /usr/sbin/sendmail root");
  await node.until('postqueue -p | grep -q "certificate not verified"');
  expect((await node.file('/root/mail')) ?? '').to.not.match(/AUTH|MAIL|safely/);
  await node.must('cat /root/ca.crt >> /etc/ssl/certs/ca-certificates.crt && postfix reload');
  // Nothing tells when the last process that knows the former authorities has ended: one may take a single request.
  await node.until('grep -q ^safely /root/mail || { postqueue -f; false; }');
  expect(await node.file('/root/mail')).to.match(/^AUTH PLAIN/m);
}
