import { expect } from 'chai';
import { stepsOf } from '../../../engine/core/state.ts';
import { unknownUnit } from '../../../engine/host/units.ts';
import running from '../../../engine/modules/service/running.ts';
import { stateTester } from '../../helpers/state-tester.ts';

const up = { active: 'active', sub: 'running', enabled: 'enabled' };
const down = { active: 'inactive', sub: 'dead', enabled: 'disabled' };

stateTester('service.running', running, [
  {
    title: 'starts and enables a unit, enabled first',
    args: { name: 'haproxy', enable: true },
    host: { units: { haproxy: down } },
    expects: {
      changes: ['enablement', 'state'],
      units: { haproxy: { active: 'active', enabled: 'enabled' } },
    },
  },
  {
    title: 'leaves alone what runs',
    args: { name: 'haproxy', enable: true },
    host: { units: { haproxy: up } },
    expects: { changes: [], comment: 'The service haproxy is already running' },
  },
  {
    title: 'leaves enablement alone where it is not told',
    args: { name: 'haproxy' },
    host: { units: { haproxy: { ...up, enabled: 'disabled' } } },
    expects: { changes: [] },
  },
  {
    title: 'disables a unit that is only to run now',
    args: { name: 'haproxy', enable: false },
    host: { units: { haproxy: up } },
    expects: { changes: ['enablement'], units: { haproxy: { active: 'active', enabled: 'disabled' } } },
  },
  {
    title: 'starts a unit that systemd fails to keep up',
    args: { name: 'app', init_delay: 3 },
    host: { units: { app: { active: 'activating', sub: 'auto-restart', enabled: 'enabled' } } },
    expects: {
      changes: ['state'],
      effects: [{ kind: 'unit', unit: 'app', verb: 'start', settle: 3 }],
    },
  },
  {
    title: 'warns of a unit that cannot be enabled',
    args: { name: 'dbus', enable: true },
    host: { units: { dbus: { ...up, enabled: 'static' } } },
    expects: { changes: [], warnings: [/dbus cannot be enabled: it has no \[Install\] section/] },
  },
  {
    title: 'refuses a unit that is not there',
    args: { name: 'nosuch' },
    host: { units: {} },
    expects: { refused: /^The named service nosuch\S* is not available$/ },
  },
  {
    title: 'refuses a masked unit',
    args: { name: 'haproxy' },
    host: { units: { haproxy: { ...down, load: 'masked', enabled: 'masked' } } },
    expects: { refused: 'The service haproxy is masked, so it cannot be started.' },
  },
  {
    title: 'unmasks where it may',
    args: { name: 'haproxy', unmask: true },
    host: { units: { haproxy: { ...down, load: 'masked', enabled: 'masked' } } },
    expects: { changes: ['masked', 'state'], units: { haproxy: { active: 'active', enabled: 'disabled' } } },
  },
  {
    title: 'unmasks what is masked until the next boot',
    args: { name: 'haproxy', unmask_runtime: true },
    host: { units: { haproxy: { ...down, load: 'masked', enabled: 'masked-runtime' } } },
    expects: { changes: ['masked', 'state'], units: { haproxy: { active: 'active', enabled: 'disabled' } } },
  },
  {
    title: 'does not wait where told so',
    args: { name: 'haproxy', no_block: true },
    host: { units: { haproxy: down } },
    expects: { changes: ['state'], units: { haproxy: { active: 'active' } } },
  },
]);

describe('service.running, when something watched changed', () => {
  const now = { rooted: false, unit: { ...unknownUnit('web'), ...up, load: 'loaded', canReload: true } };
  const start = running.plan({ ...defaults(), name: 'web' }, { ...now, unit: { ...now.unit, ...down } });
  const enable = running.plan(
    { ...defaults(), name: 'web', enable: true },
    { ...now, unit: { ...now.unit, enabled: 'disabled' } },
  );

  function defaults() {
    return {
      reload: false,
      full_restart: false,
      force: false,
      no_block: false,
      unmask: false,
      unmask_runtime: false,
    };
  }
  function verbs(args: object, taken: typeof start, unit = {}) {
    const plan = running.react!(
      { ...defaults(), name: 'web', ...args },
      { ...now, unit: { ...now.unit, ...unit } },
      'refused' in taken ? [] : stepsOf(taken),
    );
    if ('refused' in plan) throw new Error(plan.refused);
    return stepsOf(plan).map(({ effect }) => (effect.kind === 'unit' ? effect.verb : effect.kind));
  }

  it('restarts, or reloads where told so', () => {
    expect(verbs({}, [])).to.deep.equal(['restart']);
    expect(verbs({ reload: true }, [])).to.deep.equal(['reload']);
    expect(verbs({ reload: true, full_restart: true }, [])).to.deep.equal(['restart']);
    expect(verbs({ reload: true, force: true }, [], { canReload: false })).to.deep.equal(['restart']);
    expect(verbs({ no_block: true }, [])).to.deep.equal(['exec']);
  });

  it('leaves a unit alone that it just started', () => {
    expect(verbs({}, start)).to.deep.equal([]);
  });

  it('refuses to start or restart anything below a root', () => {
    const stopped = { rooted: true, unit: { ...now.unit, ...down } };
    const refusal = 'Nothing runs below another root than /.';
    expect(running.plan({ ...defaults(), name: 'web' }, stopped)).to.include({ refused: refusal });
    expect(running.react!({ ...defaults(), name: 'web' }, stopped, [])).to.include({ refused: refusal });
  });

  it('restarts a unit that it just enabled', () => {
    expect(verbs({ enable: true }, enable)).to.deep.equal(['restart']);
  });
});
