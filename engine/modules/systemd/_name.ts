/** Names of units and where their files lie. */
import type { Unit } from '../../core/host.ts';
import type { Refusal } from '../../core/state.ts';
import { unitName } from '../../core/unit-name.ts';

export const folder = '/etc/systemd/system';

/** Where units of packages lie; what is in `folder` hides them (systemd.unit(5)). */
const vendorFolders = ['/usr/local/lib/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'];

export function refuseName(unit: string, dropin: string | undefined): Refusal | undefined {
  if (!/^[A-Za-z0-9:_.\\@][A-Za-z0-9:_.\\@-]*$/.test(unit) || unit.length > 255) {
    return { refused: `"${unit}" cannot be the name of a unit.`, certain: true };
  }
  if (dropin !== undefined && !/^[A-Za-z0-9_][\w.@-]*$/.test(dropin)) {
    return { refused: `"${dropin}" cannot be the name of a drop-in.`, certain: true };
  }
  return undefined;
}

export function pathOf(unit: string, dropin: string | undefined): string {
  return dropin === undefined
    ? `${folder}/${unit}`
    : `${folder}/${unit}.d/${dropin.replace(/\.conf$/, '')}.conf`;
}

export function vendorPaths(unit: string): string[] {
  return vendorFolders.map((at) => `${at}/${unit}`);
}

/** `x@.service`: only its instances can be started. */
export function isTemplate(unit: string): boolean {
  return unit.includes('@.');
}

/** Whether a unit is made of this template. */
export function isInstance(unit: string, template: string): boolean {
  const [before, after] = template.split('@.') as [string, string];
  return unit.startsWith(`${before}@`) && unit.endsWith(`.${after}`) && unit !== template;
}

export function instanceOf(template: string, instance: string): string {
  return template.replace('@.', `@${instance}.`);
}

/** The units that a state with these arguments starts, stops and enables. */
export function unitsOf({
  name,
  instances,
}: {
  readonly name: string;
  readonly instances?: string[];
}): string[] {
  const unit = unitName(name);
  return isTemplate(unit) ? (instances ?? []).map((one) => instanceOf(unit, one)) : [unit];
}

/** Between two attempts to start it (`auto-restart`) a unit is activating, and yet does not run. */
export function isRunning(unit: Unit): boolean {
  return (
    unit.active === 'active' ||
    unit.active === 'reloading' ||
    (unit.active === 'activating' && unit.sub !== 'auto-restart')
  );
}

export const nameProperty = {
  name: {
    type: 'string',
    minLength: 1,
    description: 'Name of the unit, such as `app.service` or `app@.service`; without a type a service.',
  },
} as const;

export const dropinProperty = {
  type: 'string',
  minLength: 1,
  description:
    'Manage a drop-in of this name (`NAME.conf` in the folder of drop-ins) instead of the file of the unit.',
} as const;
