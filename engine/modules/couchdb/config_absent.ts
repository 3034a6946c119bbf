/** couchdb.config_absent: a setting of a node is not set. */
import { defineState } from '../../core/state.ts';
import { doing, settledGone, wrong } from './_server.ts';
import { lookForSetting, settingProperties, shownValue } from './_settings.ts';

export default defineState({
  summary: 'the setting of the CouchDB node is not set',
  description: `
CouchDB can take a setting away from the last of its files only. Where an earlier one has it as well, that value comes back,
and this state fails and says that it did not settle.`,
  properties: settingProperties,
  examples: [
    {
      title: 'a setting that is needed no more',
      sls: `chttpd/require_valid_user:
  couchdb.config_absent: []
`,
      pillar: { couchdb: { password: 'a-password' } },
    },
  ],
  async read(args, reader) {
    const setting = await lookForSetting(args, reader);
    if ('refused' in setting || setting.section !== 'admins') return setting;
    if (setting.key === setting.server.login.username)
      return wrong(
        `"${setting.key}" is who asks, and cannot take itself away`,
        'Ask as another administrator.',
      );
    return setting;
  },
  plan({ name }, now) {
    if ('refused' in now) return now;
    if (now.value === undefined) return [];
    const effect = doing(now.server, {
      method: 'DELETE',
      at: now.at,
      success: [200, 404],
      settles: [settledGone(now.server, now.at, 'unknown_config_value')],
    });
    return [{ change: { subject: name, old: shownValue(now, now.value) }, effect }];
  },
});
