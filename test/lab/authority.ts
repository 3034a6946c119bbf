/** A real authority of certificates on a node (Pebble), and a nameserver (Knot) that it looks names up at. */
import { generateKeyPairSync } from 'node:crypto';
import { selfSigned } from '../../engine/modules/acme/_self-signed.ts';
import { key, serve, servers, zone } from './nameservers.ts';
import type { Node } from './node.ts';

export const directory = 'https://ca.test:14000/dir';

const knot = servers.find(({ name }) => name === 'Knot')!;

/** Its certificates last for 90 seconds, or as many as are told, and it turns down every other nonce. */
export async function startAuthority(node: Node, lifetime = 90): Promise<void> {
  const [address] = node.addresses;
  await serve(node, {
    ...knot,
    packages: [...knot.packages, 'pebble'],
    // Who orders asks the nameservers of the zone, and waits for one that is silent.
    setUp: knot.setUp.replace('127.0.0.1@53', '0.0.0.0@53').replace('ns A 127.0.0.1', `ns A ${address}`),
  });
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const certificate = selfSigned(privateKey, ['ca.test'], Date.now() - 60_000);
  await node.write('/etc/authority/tls.pem', certificate);
  await node.write('/etc/authority/tls.key', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  await node.write(
    '/etc/authority/pebble.json',
    JSON.stringify({
      pebble: {
        listenAddress: '0.0.0.0:14000',
        managementListenAddress: '127.0.0.1:15000',
        certificate: '/etc/authority/tls.pem',
        privateKey: '/etc/authority/tls.key',
        httpPort: 80,
        tlsPort: 443,
        certificateValidityPeriod: lifetime,
      },
    }),
  );
  await node.write(
    '/etc/systemd/system/authority.service',
    `[Service]
Environment=PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=50 PEBBLE_AUTHZREUSE=0
ExecStart=/usr/bin/pebble -config /etc/authority/pebble.json -dnsserver ${address}:53 -strict
`,
  );
  await node.must('systemctl daemon-reload');
  await resume(node);
}

export async function resume(node: Node): Promise<void> {
  await node.must('systemctl start authority');
  await node.until('curl -sk https://127.0.0.1:14000/dir | grep -q newOrder');
}

/** How many certificates it has issued since it was first started. */
export async function issued(node: Node): Promise<number> {
  return Number(await node.must('journalctl -u authority | grep -c "Issued certificate serial" || true'));
}

/** As if the time had come at which the certificate at `site.pem` may be ordered anew, or tried again. */
export async function mayOrderAgain(node: Node): Promise<void> {
  await node.must(`sed -i 's/"next":[0-9]*/"next":1/' /var/lib/converge/acme/site.pem-*.json`);
}

/** The node trusts the authority, and finds it. */
export async function trust(node: Node, authority: Node): Promise<void> {
  const certificate = (await authority.file('/etc/authority/tls.pem'))!;
  await node.write('/etc/ssl/certs/ca-certificates.crt', `${certificate}\n`);
  await node.must(`echo '${authority.addresses[0]} ca.test' >> /etc/hosts`);
}

/** The certificate of whoever is at ca.test, as a machine has it that `provide` was given. */
export const authorityFile = '/usr/local/share/ca-certificates/ca.crt';

/** What the provider of a bare machine gives it: nameservers, and the trust in authorities. */
export async function provide(machine: Node, authority: Node): Promise<void> {
  await trust(machine, authority);
  // The package of certificates, which comes with others, makes the file anew.
  await machine.must(`install -D /etc/ssl/certs/ca-certificates.crt ${authorityFile}`);
  await machine.write('/etc/resolv.conf', `nameserver ${authority.addresses[0]}\n`);
}

/** Arguments of acme.certificate by which it orders there. */
export function order(authority: Node): Record<string, unknown> {
  return { directory, dns: { server: authority.addresses[0], key, zone } };
}
