import { expect } from 'chai';
import { createOverlay } from '../../../engine/host/overlay.ts';
import present from '../../../engine/modules/cron/present.ts';
import pruned from '../../../engine/modules/cron/pruned.ts';
import { applyTo } from '../../helpers/apply.ts';
import { hostOf, stateTester } from '../../helpers/state-tester.ts';
import { debian, tab } from './_host.ts';

const old = '# SALT_CRON_IDENTIFIER:old\n@daily old\n';

stateTester('cron.pruned', pruned, [
  {
    title: 'removes the jobs of states that are gone, and no other',
    args: {},
    host: debian(`# mine\n@daily mine\n${old}# SALT_CRON_IDENTIFIER:kept\n@daily kept\n`),
    expects: {
      changes: ['remember', 'job old', 'job kept'],
      files: { [tab]: '# mine\n@daily mine\n' },
    },
  },
  {
    title: 'spares what it is told to',
    args: { keep: ['old'] },
    host: debian(old),
    expects: { changes: ['remember'], files: { [tab]: old }, comment: /no job of a former state/ },
  },
  {
    title: 'is content without a crontab',
    args: { user: 'ghost' },
    host: {},
    expects: { changes: ['remember'], comment: /no job of a former state/ },
  },
]);

describe('cron.pruned, after other states', () => {
  it('keeps what they declared, and refuses those that come later', async () => {
    await using stage = await hostOf({ host: debian(`${old}# SALT_CRON_IDENTIFIER:the-id\n@daily x\n`) });
    const host = createOverlay(stage.host);
    await applyTo(host, present, { name: 'x', special: '@daily' });
    await applyTo(host, pruned, {});
    expect(String(host.content(tab))).to.equal('# SALT_CRON_IDENTIFIER:the-id\n@daily x\n');
    const { refused } = await applyTo(host, present, { name: 'y', identifier: 'y' });
    expect(refused).to.match(/already removed/);
  });
});
