/** Real nameservers on a node, with a zone that takes changes by a key. */
import type { Node } from './node.ts';

export interface Server {
  readonly name: string;
  readonly packages: readonly string[];
  /** Script that starts it with the zone, replacing what the package has started. */
  readonly setUp: string;
}

export const zone = 'example.test';

/** May change the zone. */
export const key = {
  name: 'converge',
  algorithm: 'hmac-sha256',
  secret: 'Zm9yIHRlc3RzIG9ubHksIHRoaXJ0eS10d28gYnl0ZXM=',
};

/** Is known to the server, and may change nothing. */
export const weakKey = {
  name: 'weak',
  algorithm: 'hmac-sha512',
  secret: 'YW5vdGhlciBvbmUgZm9yIHRlc3RzIG9ubHksIGluIGJhc2U2NA==',
};

const keys = [key, weakKey];

const content = `$ORIGIN ${zone}.
$TTL 300
@ SOA ns hostmaster 1 3600 600 86400 5
@ NS ns
ns A 127.0.0.1
other A 192.0.2.99
alias CNAME other
_app._tcp SRV 10 10 443 stranger
stranger A 192.0.2.98
*.wild A 192.0.2.97
sub NS ns.sub
ns.sub A 192.0.2.96
`;

const zoneFile = (path: string, owner: string) => `cat > ${path} <<'END'
${content}END
chown ${owner}: ${path}
`;

/** BIND takes 100 records of a name and type unless told. */
const bind: Server = {
  name: 'BIND',
  packages: ['bind9', 'bind9-dnsutils'],
  setUp: `
${zoneFile(`/var/lib/bind/${zone}`, 'bind')}
cat > /etc/bind/named.conf.local <<'END'
${keys.map(({ name, algorithm, secret }) => `key ${name} { algorithm ${algorithm}; secret "${secret}"; };`).join('\n')}
zone "${zone}" { type primary; file "/var/lib/bind/${zone}"; allow-update { key ${key.name}; }; max-records-per-type 0; };
END
echo 'options { directory "/var/cache/bind"; recursion no; };' > /etc/bind/named.conf.options
systemctl restart named`,
};

const knot: Server = {
  name: 'Knot',
  packages: ['knot', 'bind9-dnsutils'],
  setUp: `
${zoneFile(`/var/lib/knot/${zone}.zone`, 'knot')}
cat > /etc/knot/knot.conf <<'END'
server:
    listen: [ 127.0.0.1@53 ]
    automatic-acl: off
database:
    storage: "/var/lib/knot"
key:
${keys.map(({ name, algorithm, secret }) => `  - id: ${name}\n    algorithm: ${algorithm}\n    secret: ${secret}`).join('\n')}
acl:
  - id: update
    key: ${key.name}
    action: update
zone:
  - domain: ${zone}
    storage: "/var/lib/knot"
    acl: update
END
systemctl restart knot`,
};

const powerDns: Server = {
  name: 'PowerDNS',
  packages: ['pdns-server', 'pdns-backend-sqlite3', 'bind9-dnsutils'],
  setUp: `
rm -f /etc/powerdns/pdns.d/*
cat > /etc/powerdns/pdns.d/test.conf <<'END'
launch=gsqlite3
gsqlite3-database=/var/lib/powerdns/test.sqlite3
gsqlite3-pragma-synchronous=0
local-address=127.0.0.1
dnsupdate=yes
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
END
node -e '
  const { DatabaseSync } = require("node:sqlite");
  const schema = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql";
  new DatabaseSync("/var/lib/powerdns/test.sqlite3").exec(require("node:fs").readFileSync(schema, "utf8"));
'
${zoneFile('/root/zone', 'root')}
pdnsutil load-zone ${zone} /root/zone
${keys.map(({ name, algorithm, secret }) => `pdnsutil import-tsig-key ${name} ${algorithm} ${secret}`).join('\n')}
pdnsutil set-meta ${zone} TSIG-ALLOW-DNSUPDATE ${key.name}
chown pdns: /var/lib/powerdns/*
systemctl restart pdns`,
};

export const servers = [bind, knot, powerDns];

/** Installs and starts it, and waits until it answers. */
export async function serve(node: Node, server: Server): Promise<void> {
  await node.install(server.packages);
  await node.must(`set -e\n${server.setUp}`);
  await node.until(`dig +short +time=1 +tries=1 @127.0.0.1 other.${zone} | grep -q 192.0.2.99`, {
    seconds: 20,
  });
}
