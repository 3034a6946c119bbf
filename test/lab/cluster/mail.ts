/** The server that app nodes of the cluster give their mails to. */
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { type Mail, Mails } from '../../helpers/mailbox.ts';
import { checkout, type Node } from '../node.ts';

/** As the certificate of the authority has it. */
export const mailHost = 'ca.test';
export const mailPort = 587;

/** What it is given from now on, for as long as the node of the authority runs. */
export async function takeMails(authority: Node): Promise<Mails> {
  const mails = new Mails();
  const child = authority.spawn([
    ...['/usr/local/bin/node', `${checkout}/test/lab/cluster/mail-inside.ts`, String(mailPort)],
    ...['/etc/authority/tls.key', '/etc/authority/tls.pem'],
  ]);
  let complaints = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const lines = createInterface({ input: child.stdio[3] as Readable });
  const ended = once(lines, 'close').then(() => {
    throw new Error(`The server of mail has ended:\n${complaints}`);
  });
  // The first line says that it is there.
  await Promise.race([once(lines, 'line'), ended]);
  ended.catch(() => {});
  lines.on('line', (line) => mails.add(JSON.parse(line) as Mail));
  return mails;
}
