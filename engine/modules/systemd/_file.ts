/** The steps that bring the file of a unit about, and the links that [Install] asks for. */
import type { Unit } from '../../core/host.ts';
import { parentOf } from '../../core/path.ts';
import type { Step } from '../../core/state.ts';
import type { Arguments } from './_arguments.ts';
import type { Now } from './_look.ts';
import { installOf } from './_sections.ts';
import { isEnabled, verbStep } from './_steps.ts';

export function fileSteps(args: Arguments, { path, there, wanted, folder, link, self }: Now): Step[] {
  const steps: Step[] = [];
  if (!folder) {
    const parent = parentOf(path);
    steps.push({
      change: { subject: parent, new: 'directory' },
      effect: { kind: 'directory', path: parent, mode: 0o755 },
    });
  }
  const owner = { user: self.uid, group: self.gid, mode: 0o644 };
  if (there?.content === wanted!.text) {
    if (there.mode !== 0o644) {
      const change = { subject: 'mode', old: octal(there.mode), new: '0644' };
      steps.push({ change, effect: { kind: 'attributes', path, mode: 0o644 } });
    }
    if (!there.own) {
      const change = { subject: 'owner', old: 'another', new: 'root' };
      steps.push({ change, effect: { kind: 'attributes', path, user: self.uid, group: self.gid } });
    }
    return steps;
  }
  const shown = args.show_changes
    ? { old: there?.content, new: wanted!.text, text: true }
    : { old: there && '<show_changes=False>', new: '<show_changes=False>' };
  const old = link !== undefined && link !== '/dev/null' ? { old: `a link to ${link}`, text: false } : {};
  steps.push({
    change: { subject: 'content', ...shown, ...old },
    effect: { kind: 'write', path, content: Buffer.from(wanted!.text), ...owner },
    ...(wanted!.locate && { locate: wanted!.locate }),
  });
  return steps;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(4, '0');
}

/** Enabled units whose [Install] changed are enabled anew, for their links follow from it. */
export function enableSteps(
  wanted: boolean,
  unit: Unit,
  now: Now,
  prefix: string,
  warnings: string[],
): Step[] {
  const subject = `${prefix}enablement`;
  const whole = !now.path.endsWith('.conf');
  const install = whole ? installOf(now.wanted!.text) : undefined;
  if (!wanted) {
    return isEnabled(unit) && unit.enabled !== 'generated'
      ? [verbStep(unit.name, 'disable', { subject, old: unit.enabled, new: 'disabled' })]
      : [];
  }
  const fixed = whole ? install === undefined : ['static', 'transient'].includes(unit.enabled);
  if (fixed) {
    warnings.push(`${unit.name} cannot be enabled: it has no [Install] section, other units start it.`);
    return [];
  }
  if (!isEnabled(unit)) {
    return [verbStep(unit.name, 'enable', { subject, old: unit.enabled, new: 'enabled' })];
  }
  const before = now.there?.content === undefined ? install : installOf(now.there.content);
  if (!whole || before === install) return [];
  const change = { subject: `${prefix}installation`, old: before, new: install };
  return [verbStep(unit.name, 'disable'), verbStep(unit.name, 'enable', change)];
}
