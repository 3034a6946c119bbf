/** Mail that a node of states/common sends: taken by a relay, of which the test reads what it was told. */
import { expect } from 'chai';
import type { Node } from './node.ts';

const password = 'it is "a" pass$word';

/** Pillar. */
export const mail = {
  ...{ relay: '127.0.0.1', port: 2525, user: 'node', password, tls: 'none' },
  root: 'ops@example.org',
};

/** Takes mail and keeps it. */
const relay = `
const { appendFileSync } = require('node:fs');
require('node:net').createServer((socket) => {
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
}).listen(2525, '127.0.0.1');
`;

export async function startRelay(node: Node): Promise<void> {
  await node.must(['systemd-run', '-q', '--unit=relay', 'node', '-e', relay]);
}

export async function expectMail(node: Node): Promise<void> {
  await node.must("printf 'Subject: hello\\n\\nworld\\n' | /usr/sbin/sendmail root");
  await node.until('grep -q ^world /root/mail');
  const told = await node.must('cat /root/mail');
  expect(told).to.include('RCPT TO:<ops@example.org>');
  expect(told).to.include(`AUTH PLAIN ${Buffer.from(`\0node\0${password}`).toString('base64')}`);
  expect(await node.must("ss -Hltn 'sport = :25'")).to.not.match(/0\.0\.0\.0:25|\*:25/);
}
