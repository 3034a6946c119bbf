/** kmod.present: kernel modules are loaded. */
import { withLine, writeBytes } from '../../core/byte-text.ts';
import { defineState, type Plan, type Step } from '../../core/state.ts';
import {
  canonical,
  isLoaded,
  listsWith,
  modulesOf,
  type Now,
  nameProperties,
  noTool,
  ownList,
  proof,
  readModules,
  refuseModules,
  settleModules,
} from './_modules.ts';

export default defineState({
  summary: 'the kernel modules are loaded',
  description: `
What the kernel has built in counts as loaded. With \`persist\` a module is loaded at every boot too: unless some file
lists it already, \`/etc/modules-load.d/NAME.conf\` does then.

Unlike Salt: kmod.present keeps a file per module in /etc/modules-load.d, not one list for all.

${proof}`,
  properties: {
    ...nameProperties,
    persist: { type: 'boolean', default: false, description: 'Load it at every boot, too.' },
  },
  examples: [
    {
      title: 'a module that packet filters on bridges need',
      sls: 'br_netfilter:\n  kmod.present:\n    - persist: true\n',
    },
    {
      title: 'several modules',
      sls: `modules of the load balancer:
  kmod.present:
    - mods:
      - ip_vs
      - ip_vs_rr
    - persist: true
`,
    },
  ],
  owns: (args) =>
    modulesOf(args).map((name) => ({
      kind: 'kmod',
      name,
      absent: { state: 'kmod.absent', args: { name, persist: args.persist, comment: false } },
    })),
  read: (args, reader) => readModules(args, reader, true),
  plan(args, now): Plan {
    const modules = modulesOf(args);
    const wrong = refuseModules(modules);
    if (wrong) return wrong;
    const steps: Step[] = [];
    let { loaded } = now;
    for (const module of now.rooted ? [] : modules) {
      if (isLoaded(now, module)) continue;
      const unfit = refuseLoading(module, now);
      if (unfit) return unfit;
      loaded = `${loaded}${canonical(module)} 16384 0 - Live 0x0000000000000000\n`;
      steps.push({
        change: { subject: module, new: 'loaded' },
        effect: {
          kind: 'exec',
          command: { argv: ['modprobe', '--', module] },
          // What else it brings (kernel parameters, devices) cannot be foretold.
          settles: [settleModules(loaded)],
        },
      });
    }
    if (!args.persist) return steps;
    const missing = modules.filter((module) => listsWith(now, module).length === 0);
    return [...steps, ...folderSteps(missing, now), ...missing.flatMap((module) => bootSteps(module, now))];
  },
});

function refuseLoading(module: string, now: Now): Plan | undefined {
  if (!now.tool) return noTool;
  // An empty list is that of a kernel whose modules are not installed here; then modprobe says what is wrong.
  if (!now.available?.size || now.available.has(canonical(module))) return undefined;
  return {
    refused: `There is no module ${module} for the running kernel ${now.release}.`,
    hint: 'Check the name (an alias will not do), or boot the kernel whose modules are installed.',
  };
}

function folderSteps(missing: readonly string[], now: Now): Step[] {
  if (missing.length === 0 || !now.folderMissing) return [];
  const path = '/etc/modules-load.d';
  return [{ change: { subject: path, new: 'directory' }, effect: { kind: 'directory', path, mode: 0o755 } }];
}

function bootSteps(module: string, now: Now): Step[] {
  const path = ownList(module);
  const file = now.lists.find((one) => one.path === path) ?? { path, text: undefined };
  const change = { subject: `${module} at boot`, old: false, new: true };
  return writeBytes(file, withLine(file.text ?? '', module), [change]);
}
