/** CouchDB's stand-in for the RPM node, in a repository like that of its vendor, and what such a node needs beside it. */
import { birdRpms } from './bird-rpm.ts';
import { automatic } from './common-updates.ts';
import { couchdbFiles, type VendorRepository, vmArgs } from './couchdb-package.ts';
import { haproxyRpm } from './haproxy-rpm.ts';
import { boot, type Node } from './node.ts';
import { offerRpms, type RpmSpec } from './rpms.ts';
import { makeKey, serve } from './signed-debs.ts';
import { signRpms } from './signed-rpms.ts';

/** Of the folder that is served. */
const places = { vendor: 'couchdb/el9/x86_64', epel: 'epel', appstream: 'appstream' };

/**
 * Offers the package `couchdb` from this node, which needs Node.js, at the first of its addresses: packages are signed
 * by one key, and what tells of them by another one. What is returned is `couchdb:repository` of the pillar. The
 * packages that CentOS and EPEL have for nodes are offered as well, to nodes that `addSources` was called for.
 */
export async function offerCouchdbRpm(node: Node): Promise<VendorRepository> {
  // Debian's rpmbuild would do, but it is not where the repository is.
  await using builder = await boot({ name: 'builder', family: 'rpm', bare: true });
  const fingerprint = [await makeKey(builder, 'repository'), await makeKey(builder, 'packager')];
  const offers: readonly (readonly [string, readonly RpmSpec[]])[] = [
    [places.vendor, [await standIn()]],
    [places.epel, [{ name: 'mozjs78', version: '78.15.0' }, ...(await birdRpms())]],
    [places.appstream, [await haproxyRpm(), automatic, chrony]],
  ];
  for (const [place, specs] of offers)
    await offerRpms(builder, specs, { folder: `/srv/made/${place}`, unlisted: true });
  await signRpms(builder, `/srv/made/${places.vendor}`, 'packager', 'repository');
  await builder.must('cat /srv/states/repository.asc /srv/states/packager.asc > /srv/made/keys.asc');
  const packed = await builder.must('tar -C /srv/made -c . | base64');
  await node.must('mkdir -p /srv/made && base64 -d | tar -C /srv/made -x', { stdin: packed });
  const url = await serve(node, node.addresses[0]);
  return {
    url: `${url}${places.vendor.replace('x86_64', '$basearch')}/`,
    key_url: `${url}keys.asc`,
    fingerprint,
  };
}

/** Has a machine find what the node above offers beside CouchDB. */
export async function addSources(machine: Node, node: Node): Promise<void> {
  for (const place of [places.epel, places.appstream])
    await machine.write(
      `/etc/yum.repos.d/${place}.repo`,
      `[${place}]\nname=${place}\nbaseurl=http://${node.addresses[0]}:8081/${place}/\nenabled=1\ngpgcheck=0\n`,
    );
}

const chrony: RpmSpec = {
  name: 'chrony',
  version: '4.5',
  files: { '/etc/chrony.conf': 'pool 2.centos.pool.ntp.org iburst\n' },
};

/** With what differs from the package for Debian: who makes the user, where data are, the cookie, and that nothing is started. */
async function standIn(): Promise<RpmSpec> {
  return {
    name: 'couchdb',
    version: '3.5.2',
    release: '1.el9',
    requires: ['mozjs78'],
    files: {
      ...(await couchdbFiles()),
      [vmArgs]: '-name couchdb@127.0.0.1\n\n# Append a cookie.\n# -setcookie\n\n+K true\n',
    },
    config: [vmArgs],
    scripts: {
      pre: `getent passwd couchdb > /dev/null || useradd --system --home /opt/couchdb --no-create-home --shell /bin/bash --comment 'CouchDB Administrator' --user-group couchdb`,
      post: `sed -i "/^[# ]*-setcookie$/c\\-setcookie 'made-up-by-the-package'" ${vmArgs}
mkdir -p /var/lib/couchdb
ln -sfT /var/lib/couchdb /opt/couchdb/data
chown -R couchdb:couchdb /opt/couchdb /var/lib/couchdb
systemctl daemon-reload`,
    },
  };
}
