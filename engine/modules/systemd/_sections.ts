/** The text of a unit file from sections given as data (systemd.syntax(7)). */
import type { Refusal } from '../../core/state.ts';
import { fromPlain, isDict, keyText, type Value } from '../../core/value.ts';

/** A list becomes one line for each member, true and false `yes` and `no`, null an empty assignment. */
export function textOfSections(sections: unknown): string | Refusal {
  const blocks: string[] = [];
  const all = fromPlain(sections);
  if (!isDict(all)) return refusal('sections has to be a mapping of section names.');
  for (const [name, settings] of all) {
    const section = keyText(name);
    if (!/^[A-Za-z0-9-]+$/.test(section)) return refusal(`"${section}" cannot be a section.`);
    if (!isDict(settings)) return refusal(`The section ${section} has to be a mapping.`);
    const lines = [`[${section}]`];
    for (const [key, value] of settings) {
      const setting = keyText(key);
      if (!/^[A-Za-z0-9-]+$/.test(setting)) return refusal(`"${setting}" cannot be a setting of ${section}.`);
      for (const one of Array.isArray(value) ? value : [value]) {
        const text = textOf(one);
        if (text === undefined || /[\n\r\0]|\\$/.test(text)) {
          return refusal(`${setting} of ${section} has to be one line of text, or a list of such.`);
        }
        lines.push(`${setting}=${text}`);
      }
    }
    blocks.push(`${lines.join('\n')}\n`);
  }
  return blocks.join('\n');
}

function textOf(value: Value): string | undefined {
  if (value === null) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return isDict(value) || Array.isArray(value) ? undefined : keyText(value);
}

function refusal(refused: string): Refusal {
  return { refused, certain: true };
}

/** The lines of a section but for comments; undefined where there is no such section. */
function linesOf(text: string, section: string): string[] | undefined {
  let inside = false;
  let found: string[] | undefined;
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (/^\[.*\]$/.test(line)) {
      inside = line === `[${section}]`;
      if (inside) found ??= [];
    } else if (inside && line !== '' && !/^[#;]/.test(line)) found!.push(line);
  }
  return found;
}

/** What enabling the unit comes to; undefined where there is no [Install]. */
export function installOf(text: string): string | undefined {
  return linesOf(text, 'Install')?.join('\n');
}

/** The value that counts: the last one. */
export function settingOf(text: string, section: string, name: string): string | undefined {
  const values = (linesOf(text, section) ?? []).map((line) => /^([^=]+?)\s*=\s*(.*)$/.exec(line));
  return values.filter((match) => match?.[1] === name).at(-1)?.[2];
}

/** A service that does its work and is gone: it never stays active. */
export function endsByItself(text: string): boolean {
  const stays = settingOf(text, 'Service', 'RemainAfterExit') ?? 'no';
  return settingOf(text, 'Service', 'Type') === 'oneshot' && /^(no|false|off|0|n|f)$/i.test(stays);
}

/** The service that a socket starts and that holds it then; undefined where each connection has one of its own. */
export function serviceOfSocket(unit: string, text: string): string | undefined {
  const each = /^(yes|true|on|1|y|t)$/i.test(settingOf(text, 'Socket', 'Accept') ?? 'no');
  return each ? undefined : (settingOf(text, 'Socket', 'Service') ?? unit.replace(/\.socket$/, '.service'));
}
