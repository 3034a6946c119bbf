/** Takes mail by STARTTLS, inside the node of the authority and with its certificate, and prints each as a line. */
import { readFileSync } from 'node:fs';
import { startMailbox } from '../../helpers/mailbox.ts';

const [port, key, cert] = process.argv.slice(2);
await startMailbox({
  host: '0.0.0.0',
  port: Number(port),
  tls: { key: readFileSync(key!), cert: readFileSync(cert!) },
  onMail: (mail) => console.log(JSON.stringify(mail)),
});
console.log('{}');
