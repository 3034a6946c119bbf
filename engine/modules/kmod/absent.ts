/** kmod.absent: kernel modules are not loaded. */
import { type ByteText, byteLines, writeBytes } from '../../core/byte-text.ts';
import { defineState, type Plan, type Step } from '../../core/state.ts';
import {
  lineOf,
  listsWith,
  modulesOf,
  type Now,
  nameProperties,
  names,
  noTool,
  ownList,
  proof,
  readModules,
  refuseModules,
  settleModules,
} from './_modules.ts';

export default defineState({
  summary: 'the kernel modules are not loaded',
  description: `
A module that something uses cannot be removed, nor one that is built into the kernel.

${proof}`,
  properties: {
    ...nameProperties,
    persist: { type: 'boolean', default: false, description: 'Do not load it at boot either.' },
    comment: {
      type: 'boolean',
      default: true,
      description: 'With `persist`: comment its line out instead of removing it.',
    },
  },
  examples: [
    {
      title: 'a module that is not to be loaded again',
      sls: 'pcspkr:\n  kmod.absent:\n    - persist: true\n    - comment: false\n',
    },
  ],
  read: (args, reader) => readModules(args, reader, false),
  plan(args, now): Plan {
    const modules = modulesOf(args);
    const wrong = refuseModules(modules);
    if (wrong) return wrong;
    const steps: Step[] = [];
    let { loaded } = now;
    for (const module of modules) {
      const unfit = refuseRemoval(module, now);
      if (unfit) return unfit;
      const line = lineOf(loaded, module);
      if (line === undefined) continue;
      loaded = loaded.replace(`${line}\n`, '');
      steps.push({
        change: { subject: module, old: 'loaded' },
        effect: {
          kind: 'exec',
          command: { argv: ['modprobe', '-r', '--', module] },
          settles: [settleModules(loaded)],
          foreseen: true,
        },
      });
    }
    return args.persist ? [...steps, ...bootSteps(modules, now, args.comment)] : steps;
  },
});

function refuseRemoval(module: string, now: Now): Plan | undefined {
  if (now.builtin.has(module.replaceAll('-', '_'))) {
    return {
      refused: `${module} is built into the kernel ${now.release} and cannot be removed.`,
      certain: true,
    };
  }
  const line = lineOf(now.loaded, module);
  if (line === undefined) return undefined;
  const [, , uses, users = '-'] = line.split(' ');
  if (Number(uses) > 0) {
    const by = users === '-' ? `${uses} users` : users.replace(/,$/, '').replaceAll(',', ', ');
    return {
      refused: `${module} cannot be removed: it is used by ${by}.`,
      hint: 'Stop or remove its users first.',
    };
  }
  return now.tool ? undefined : noTool;
}

function bootSteps(modules: readonly string[], now: Now, comment: boolean): Step[] {
  const files = new Set<ByteText>(modules.flatMap((module) => listsWith(now, module)));
  return [...files].flatMap((file): Step[] => {
    const gone = modules.filter((module) => listsWith(now, module).includes(file));
    const changes = gone.map((module) => ({ subject: `${module} at boot`, old: true, new: false }));
    const lines = byteLines(file.text!).flatMap((line) => {
      if (!gone.some((module) => names(line, module))) return [line];
      return comment ? [`# ${line}`] : [];
    });
    const [change, ...also] = changes;
    if (lines.length === 0 && gone.some((module) => ownList(module) === file.path)) {
      return [{ change, also, effect: { kind: 'remove', path: file.path } }];
    }
    return writeBytes(file, lines.join(''), changes);
  });
}
