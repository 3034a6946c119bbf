/** A machine whose templates are rendered for real, for the tests of the loop states. */
import { createWorld } from '../../../engine/cli/world.ts';
import type { LocalHost } from '../../../engine/host/local.ts';
import { buildTree, temporaryFolder } from '../../helpers/folders.ts';

export interface Looping extends AsyncDisposable {
  readonly folder: string;
  readonly host: LocalHost;
}

export async function loopingHost(): Promise<Looping> {
  const folder = temporaryFolder();
  buildTree(folder.path, { states: { directory: true }, pillar: { directory: true } });
  const silent = { write: () => undefined };
  const world = await createWorld(
    { states: [`${folder.path}/states`], pillar: [`${folder.path}/pillar`], cache: false },
    { stdout: silent, stderr: silent, cwd: '/', env: process.env, uid: process.getuid!() },
  );
  return {
    folder: folder.path,
    host: await world.host(() => undefined),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
