/** INI files as Python's configparser writes and reads them. */
import { type Dict, isDict, keyText, type Value } from '../../core/value.ts';
import { Unfit } from './_unfit.ts';

/** Salt: keys become lower case, values text as Python prints it; every section ends in an empty line. */
export function iniText(value: Value, allowNoValue: boolean): string {
  if (!isDict(value)) throw new Unfit('An INI file needs a mapping of sections.');
  let text = '';
  for (const [section, settings] of value) {
    const name = keyText(section);
    if (!isDict(settings)) throw new Unfit(`The section "${name}" of an INI file has to be a mapping.`);
    if (name === 'DEFAULT') throw new Unfit('The section DEFAULT of an INI file cannot be written.');
    const lines = new Map<string, string>();
    for (const [key, member] of settings)
      lines.set(keyText(key).toLowerCase(), lineOf(key, member, allowNoValue));
    text += `[${name}]\n${[...lines.values()].join('')}\n`;
  }
  return text;
}

function lineOf(key: Value, value: Value, allowNoValue: boolean): string {
  const name = keyText(key).toLowerCase();
  if (value === null) {
    if (allowNoValue) return `${name}\n`;
    throw new Unfit(
      `"${name}" has no value. (Set allow_no_value in serializer_opts to write the key alone.)`,
    );
  }
  if (isDict(value) || Array.isArray(value)) {
    throw new Unfit(
      `"${name}" is a ${isDict(value) ? 'mapping' : 'list'}, but a setting of an INI file is text.`,
    );
  }
  return `${name} = ${keyText(value).replaceAll('\n', '\n\t')}\n`;
}

/** Section → key → text. Lines that are indented go on with the value above; `#` and `;` begin comment lines. */
export function readIni(text: string): Value {
  const data: Dict = new Map();
  const defaults: Dict = new Map();
  let section: Dict | undefined;
  let last: string | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const bare = line.trim();
    if (bare === '' || bare.startsWith('#') || bare.startsWith(';')) continue;
    const header = /^\[(.+)\]/.exec(line);
    if (header) {
      section = header[1] === 'DEFAULT' ? defaults : new Map();
      if (section !== defaults) data.set(header[1]!, section);
      last = undefined;
    } else if (section === undefined) {
      throw new Unfit(`It is not INI: line ${index + 1} stands in no section.`);
    } else if (/^\s/.test(line) && last !== undefined) {
      section.set(last, `${section.get(last) ?? ''}\n${bare}`);
    } else {
      const setting = /^(.*?)\s*(?:[=:]\s*(.*))?$/.exec(bare)!;
      last = setting[1]!.toLowerCase();
      section.set(last, setting[2] ?? null);
    }
  }
  for (const [name, settings] of data) data.set(name, new Map([...defaults, ...(settings as Dict)]));
  return data;
}
