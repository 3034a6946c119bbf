/** Bootstraps and updates that are killed at any moment, and two at once: the next one ends well, and nothing is asked twice. */
import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { createChance } from '../helpers/chance.ts';
import { NodeSandbox } from './node-sandbox.ts';

const seed = Number(process.env['CONVERGE_SEED'] ?? 20261123);
const kills = 10;
const secret = 'told-in-the-answers';
const answers = `domain: our.test\ndns: {key: {name: k, secret: ${secret}}}\nletsencrypt: {secret: shared}\n`;
const secretsFile = 'etc/converge/pillar/node_secrets.yaml';

/** What has to be so however much of a bootstrap there was. */
function expectWhole(box: NodeSandbox): void {
  const current = join(box.prefix, 'opt/converge/current');
  if (existsSync(dirname(current)) && readdirSync(dirname(current)).includes('current'))
    execFileSync(join(current, 'converge'), ['--version']);
  for (const file of filesBelow(box.prefix))
    if (readFileSync(file, 'latin1').includes(secret)) {
      const isHidden = (one: string) => (statSync(one).mode & 0o077) === 0;
      expect([isHidden(file), isHidden(dirname(file))], file).to.deep.equal([true, true]);
    }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((file) => lstatSync(file).isFile());
}

describe('bootstrap.sh that is broken off', function () {
  this.timeout(300_000);
  const chance = createChance(seed);
  let box: NodeSandbox;
  const app = () => box.run(['app', '--answers', box.answers(answers)]);

  /** Moments that are spread over as long as it takes, in milliseconds. */
  async function moments(whole: () => Promise<unknown>): Promise<number[]> {
    const began = performance.now();
    await whole();
    const took = Math.round(performance.now() - began);
    return Array.from(
      { length: kills },
      (_, index) => (took * index) / kills + chance.below(Math.ceil(took / kills)),
    );
  }

  it(`by kill -9 at ${kills} moments: the same again makes the node (seed ${seed})`, async () => {
    using first = new NodeSandbox();
    box = first;
    for (const moment of await moments(app)) {
      using next = new NodeSandbox();
      box = next;
      await box.killed(['app', '--answers', box.answers(answers)], moment);
      expectWhole(box);
      const kept = box.has(secretsFile) ? box.file(secretsFile) : undefined;
      // What was told is known from then on.
      const { status, output } = await (kept?.includes(secret) ? box.run(['app']) : app());
      expect(status, `after ${moment} ms: ${output}`).to.equal(0);
      if (kept?.includes(secret)) expect(box.file(secretsFile)).to.equal(kept);
      expectWhole(box);
    }
  });

  it(`by kill -9 at ${kills} moments of an update: the old or the new version is in use, whole`, async () => {
    using only = new NodeSandbox();
    box = only;
    await app();
    const update = ['update', '--yes'];
    let count = 0;
    function bring(): void {
      box.release(`release ${++count}`);
      box.settings(`domain: example.org\nsome: ${count}\n`);
    }
    bring();
    const all = await moments(() => box.run(update));
    for (const moment of all) {
      bring();
      await box.killed(update, moment);
      expectWhole(box);
      // From the machine itself, whose tree may have been between two names.
      const { status, output } = await box.run(update);
      expect(status, `after ${moment} ms: ${output}`).to.equal(0);
      expect(box.file('opt/converge/tree/pillar/settings.yaml')).to.contain(`some: ${count}`);
      expect(box.file('opt/converge/current/converge')).to.contain(`# release ${count}\n`);
      expectWhole(box);
    }
    expect(readdirSync(join(box.prefix, 'etc/converge/pillar'))).to.deep.equal(['node_secrets.yaml']);
  });

  it('while another one is at work is refused, and leaves it alone', async () => {
    using only = new NodeSandbox();
    box = only;
    const [looks, go] = [join(box.folder, 'looks'), join(box.folder, 'go')];
    execFileSync('mkfifo', [looks, go]);
    // Its check of names waits in the middle, from when it has told so until it is told to go on.
    box.stub('getent', `echo > '${looks}'; cat '${go}'`);
    const one = app();
    await readFile(looks);
    const other = await app();
    expect(other.status).to.equal(1);
    expect(other.output).to.contain('Another bootstrap is at work on this machine');
    await writeFile(go, 'on');
    const { status, output } = await one;
    expect(status, output).to.equal(0);
  });
});
