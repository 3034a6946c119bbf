import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { type SystemLog, sendToLog } from '../../engine/host/system-log.ts';
import { buildTree, type TemporaryFolder, temporaryFolder } from '../helpers/folders.ts';

const line = {
  message: 'it\'s "done" $HOME',
  priority: 5,
  fields: { CONVERGE_RUN: '1', CONVERGE_COMMAND: 'apply "web" x' },
} as const;

/** A stand-in for logger(1) that writes down what it is given, and fails where it is told to. */
function machine(
  folder: TemporaryFolder,
  has: { readonly journal?: boolean; readonly syslog?: boolean },
): SystemLog {
  const at = (name: string) => join(folder.path, name);
  buildTree(folder.path, {
    'bin/logger': {
      mode: 0o755,
      content: `#!/bin/sh
printf '%s\\n' "$@" >> ${at('argv')}
cat > ${at('stdin')}
case "$1" in --journald) [ ! -e ${at('broken')} ] || { echo "no journal" >&2; exit 1; };; esac
`,
    },
    ...(has.journal ? { journal: '' } : {}),
    ...(has.syslog ? { syslog: '' } : {}),
  });
  return {
    journal: at('journal'),
    syslog: at('syslog'),
    env: { PATH: `${at('bin')}:/usr/bin:/bin` },
  };
}

describe('the system log', () => {
  it('is the journal where there is one, with fields', async () => {
    await using folder = temporaryFolder();
    expect(sendToLog(line, machine(folder, { journal: true, syslog: true }))).to.equal(undefined);
    expect(readFileSync(join(folder.path, 'argv'), 'utf8')).to.equal('--journald\n');
    expect(readFileSync(join(folder.path, 'stdin'), 'utf8')).to.equal(
      'MESSAGE=it\'s "done" $HOME\nPRIORITY=5\nSYSLOG_IDENTIFIER=converge\nCONVERGE_RUN=1\nCONVERGE_COMMAND=apply "web" x\n',
    );
  });

  it('has the fields in its line elsewhere, and where logger knows no journal', async () => {
    const text = 'it\'s "done" $HOME [converge_run=1 converge_command="apply \\"web\\" x"]';
    const words = `-t\nconverge\n-p\ndaemon.notice\n--\n${text}\n`;
    await using one = temporaryFolder();
    expect(sendToLog(line, machine(one, { syslog: true }))).to.equal(undefined);
    expect(readFileSync(join(one.path, 'argv'), 'utf8')).to.equal(words);
    await using other = temporaryFolder();
    writeFileSync(join(other.path, 'broken'), '');
    expect(sendToLog(line, machine(other, { journal: true, syslog: true }))).to.equal(undefined);
    expect(readFileSync(join(other.path, 'argv'), 'utf8')).to.equal(`--journald\n${words}`);
  });

  it('starts nothing where there is none, and says what went wrong', async () => {
    await using folder = temporaryFolder();
    const none = machine(folder, {});
    expect(sendToLog(line, none)).to.equal('there is no system log here');
    expect(existsSync(join(folder.path, 'argv'))).to.equal(false);
    writeFileSync(none.journal, '');
    writeFileSync(join(folder.path, 'broken'), '');
    expect(sendToLog(line, none)).to.equal('logger: no journal');
    expect(sendToLog(line, { ...none, env: { PATH: folder.path } })).to.include('ENOENT');
  });
});
