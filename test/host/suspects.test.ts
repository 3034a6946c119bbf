/** Who may have changed something: hints about this machine, within a second. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { suspectsOf } from '../../engine/host/suspects.ts';
import { temporaryFolder } from '../helpers/folders.ts';

describe('suspects', () => {
  it('know whose a file is and when it was changed', async () => {
    await using folder = temporaryFolder();
    const file = join(folder.path, 'file');
    writeFileSync(file, '');
    const [first] = await suspectsOf(file, Date.now());
    expect(first).to.match(/ belongs to \S+; its content dates from \d{4}-/);
  });

  it('know that a file is gone, and say nothing of what is no file', async () => {
    await using folder = temporaryFolder();
    const gone = join(folder.path, 'gone');
    expect(await suspectsOf(gone, Date.now())).to.include(`${gone} is gone.`);
    const [first = ''] = await suspectsOf('a name\nof \0 anything', Date.now());
    expect(first).to.not.include('belongs to');
  });
});
