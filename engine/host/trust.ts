/** Has this process trust the certificates that the other programs of the machine trust. */
import { readFileSync, statSync } from 'node:fs';

/** Debian's and Red Hat's. Where there is neither, what Node.js brings is trusted. */
const bundles = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt'];

let trusted = '';

/** Before each conversation: an earlier state of the run may have added a certificate. */
export function trustAsMachine(): void {
  for (const file of bundles) {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (!stat?.isFile()) continue;
    const version = `${file} ${stat.ino} ${stat.mtimeMs} ${stat.size}`;
    if (version === trusted) return;
    const { getCACertificates, setDefaultCACertificates } = process.getBuiltinModule('node:tls');
    try {
      // Those of NODE_EXTRA_CA_CERTS were meant for this very process.
      setDefaultCACertificates([readFileSync(file, 'utf8'), ...getCACertificates('extra')]);
      trusted = version;
    } catch {
      // Not readable, or damaged: whatever was trusted before still is.
    }
    return;
  }
}
