import * as fs from 'node:fs';
import { expect } from 'chai';
import { createLocalHost } from '../../../engine/host/local.ts';
import state from '../../../engine/modules/cmd/script.ts';
import { applyTo, planOf } from '../../helpers/apply.ts';
import { temporaryFolder } from '../../helpers/folders.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';

stateTester('cmd.script', state, [
  {
    title: 'is missing',
    args: { name: 'salt://no.sh' },
    expects: { refused: 'The script cannot be run: salt://no.sh is not in the file roots.' },
  },
]);

/** The script's text, run on this machine. */
async function run(text: string, args: Record<string, unknown>) {
  const host = createLocalHost({
    sources: {
      source: (url) => ({ url, content: Buffer.from(text), mode: 0o644 }),
      sourceTree: () => undefined,
    },
  });
  const { outcome } = await applyTo(host, state, { name: 'salt://dir/it.sh', cwd: '/', ...args });
  return outcome!;
}

describe('cmd.script on this machine', () => {
  it('runs the script with its arguments and status', async () => {
    const outcome = await run('#!/bin/sh\nprintf "%s|" "$@"; basename "$0"; exit 3', {
      source: 'salt://dir/it.sh',
      name: `it.sh one "two words" $((1+2))`,
    });
    expect(outcome).to.include({ stdout: 'one|two words|3|it.sh\n', status: 3 });
  });

  it('honours the first line and takes args', async () => {
    const { stdout } = await run('#!/usr/bin/env -S cat --\nplain\n', {});
    expect(stdout).to.equal('#!/usr/bin/env -S cat --\nplain\n');
    expect((await run('echo "$1"', { args: "'a b'" })).stdout).to.equal('a b\n');
  });

  it('leaves nothing behind', async () => {
    await using folder = temporaryFolder();
    const { stdout } = await run('ls "$TMPDIR" | wc -l', { env: { TMPDIR: folder.path } });
    expect(stdout.trim()).to.equal('1');
    expect(fs.readdirSync(folder.path)).to.deep.equal([]);
  });

  it('renders templates', async () => {
    await using stage = await hostOf({ sources: { 'a.sh': 'echo {{ who }}{{ what }}' } });
    const args = {
      name: 'salt://a.sh',
      template: 'jinja',
      context: { who: 'me' },
      defaults: { who: 'x', what: '!' },
    };
    const { plan } = await planOf(state, args, stage.host);
    expect(plan).to.have.nested.property('[0].effect.command.stdin', 'echo me!');
  });
});
