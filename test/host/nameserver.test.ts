/** The resolvers of the machine, which may be others while a process goes on. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';
import { noEnclave } from '../helpers/faults.ts';
import { temporaryFolder } from '../helpers/folders.ts';

const module = join(import.meta.dirname, '../../engine/host/nameserver.ts');

const program = `
import { writeFileSync } from 'node:fs';
import { ownResolvers } from '${module}';
const answers = [ownResolvers()];
writeFileSync('/etc/resolv.conf', 'nameserver 192.0.2.2\\n');
console.log(JSON.stringify([...answers, ownResolvers()]));
`;

describe('nameserver', () => {
  (noEnclave ? it.skip : it)(`knows the resolvers that the machine has now${noEnclave}`, async () => {
    await using folder = temporaryFolder();
    const file = join(folder.path, 'resolv.conf');
    const script = `echo nameserver 192.0.2.1 > "$1" && mount --bind "$1" /etc/resolv.conf && exec "$2" --input-type=module -e "$3"`;
    const words = ['--mount', 'sh', '-ec', script, 'sh', file, process.execPath, program];
    const said = execFileSync('unshare', words, { encoding: 'utf8' });
    expect(JSON.parse(said)).to.deep.equal([['192.0.2.1'], ['192.0.2.2']]);
  });
});
