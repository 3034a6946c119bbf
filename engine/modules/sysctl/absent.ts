/** sysctl.absent: a file does not set a kernel parameter at boot. */
import { writeBytes } from '../../core/byte-text.ts';
import { defineState } from '../../core/state.ts';
import { configProperty, readSetting, refuseName, settingIn, withoutSetting } from './_settings.ts';

export default defineState({
  summary: 'the file does not set this kernel parameter at boot',
  description: `
Only the lines of this parameter are removed. The running kernel keeps its value until the next boot: what the value was
before somebody set it is not known.

Unlike Salt: sysctl.absent exists.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'The parameter, with dots or slashes.' },
    config: configProperty,
  },
  examples: [{ title: 'no router any more', sls: 'net.ipv4.ip_forward:\n  sysctl.absent: []\n' }],
  read: (args, reader) => readSetting(args, reader),
  plan({ name, config }, now) {
    const wrong = refuseName(name);
    if (wrong) return wrong;
    const old = settingIn(now.config.text ?? '', name);
    if (old === undefined) return [];
    return writeBytes(now.config, withoutSetting(now.config.text!, name), [
      { subject: `${name} in ${config}`, old },
    ]);
  },
});
