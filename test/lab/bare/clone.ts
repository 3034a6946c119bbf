/** A copy of this repository inside a node, as a clone would be once the present state were committed. */
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Node } from '../node.ts';

export const checkout = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');

export async function copyClone(node: Node, inside: string): Promise<void> {
  const { stdout: list } = await execa('git', [
    '-C',
    checkout,
    'ls-files',
    '-z',
    '--cached',
    '--others',
    '--exclude-standard',
  ]);
  const pack = ['-C', checkout, '--null', '--ignore-failed-read', '--no-recursion', '-T', '-', '-c'];
  const packed = await execa('tar', pack, { input: list, encoding: 'buffer' });
  await node.must(['mkdir', '-p', inside]);
  await node.must(['tar', '-C', inside, '--no-same-owner', '-x'], { stdin: Buffer.from(packed.stdout) });
}
