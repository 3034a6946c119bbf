/** couchdb.config: a setting of a node has this value. */
import { defineState, type Refusal } from '../../core/state.ts';
import { fitsAdmin, isHash } from './_passwords.ts';
import { doing, settled, wrong } from './_server.ts';
import { lookForSetting, type Setting, settingProperties, shownValue } from './_settings.ts';

interface Now extends Setting {
  readonly wanted: string;
  readonly fits: boolean;
}

export default defineState({
  summary: 'the setting of the CouchDB node has this value',
  description: `
Takes effect at once, without a restart, and is kept in the last of CouchDB's files. Few settings are only read when
CouchDB starts (\`[couchdb] database_dir\`, what is in vm.args): those belong to couchdb.node, which a service watches;
\`[cluster] seedlist\` belongs to couchdb.seedlist. Each node has settings of its own, so every node applies this state for
itself.

The password of an administrator (\`admins/NAME\`) is compared with its hash. Better is the hash itself, the same on all
nodes, so that a login to one is good for all; couchdb.node makes it.`,
  properties: {
    ...settingProperties,
    value: {
      type: ['string', 'number', 'boolean'],
      description: 'The value. White space around it does not count.',
    },
  },
  required: ['value'],
  examples: [
    {
      title: 'nobody without a login, but for the health check',
      sls: `chttpd/require_valid_user_except_for_up:
  couchdb.config:
    - value: true
`,
      pillar: { couchdb: { password: 'a-password' } },
    },
  ],
  async read(args, reader): Promise<Now | Refusal> {
    const wanted = String(args.value).trim();
    if (/[\n\r\0]/.test(wanted))
      return wrong(`The value of "${args.name}" is of several lines, and CouchDB takes one`);
    const setting = await lookForSetting(args, reader);
    if ('refused' in setting) return setting;
    const { section, value } = setting;
    const isPassword = section === 'admins' && !isHash(wanted) && value !== undefined;
    if (section === 'admins' && wanted === '') return wrong('An administrator needs a password');
    return { ...setting, wanted, fits: isPassword ? await fitsAdmin(wanted, value) : value === wanted };
  },
  plan({ name }, now) {
    if ('refused' in now) return now;
    if (now.fits) return [];
    const effect = doing(now.server, {
      method: 'PUT',
      at: now.at,
      body: now.wanted,
      success: [200],
      settles: [settled(now.server, now.at, now.wanted)],
    });
    return [
      {
        change: { subject: name, old: shownValue(now, now.value), new: shownValue(now, now.wanted) },
        effect,
      },
    ];
  },
});
