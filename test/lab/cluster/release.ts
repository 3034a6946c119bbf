/** A release of this repository as users download it: the tree, and the engine and the API built. */
import { mkdirSync, rmSync } from 'node:fs';
import { execa } from 'execa';
import { checkout } from '../bare/clone.ts';
import { folder } from '../own.ts';

/** The folder it lies in, as `converge.tar.gz`. */
export async function prepareRelease(): Promise<string> {
  const place = `${folder}-release`;
  const tree = `${place}/converge`;
  rmSync(place, { recursive: true, force: true });
  mkdirSync(tree, { recursive: true });
  process.once('exit', () => rmSync(place, { recursive: true, force: true }));
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const copy = `git ${list.join(' ')} | tar --null --ignore-failed-read --no-recursion -T - -c | tar -x -C "$1"`;
  await execa('sh', ['-ec', copy, 'sh', tree], { cwd: checkout });
  await execa(process.execPath, [`${checkout}/scripts/build.ts`, '--out', `${tree}/dist`]);
  await execa(process.execPath, [`${tree}/api/build.ts`], { env: { API_TOOLS: checkout } });
  // It is a link to the Node of this process, of which others make and remove links at the same time.
  const node = `${tree}/dist/lib/node`;
  await execa('sh', ['-ec', 'cp "$1" "$1.copy"; mv "$1.copy" "$1"', 'sh', node]);
  await execa('tar', ['-C', place, '-czf', `${place}/converge.tar.gz`, 'converge']);
  rmSync(tree, { recursive: true });
  return place;
}
