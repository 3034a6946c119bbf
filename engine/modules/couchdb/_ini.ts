/** Files of settings as CouchDB reads them: sections, and a value for each key. */

export type Settings = ReadonlyMap<string, ReadonlyMap<string, string>>;

/** Later values of a key count; comments and what is no setting are passed over. */
export function parseIni(text: string): Settings {
  const sections = new Map<string, Map<string, string>>();
  let keys = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, section] = /^\s*\[([^\]]*)\]\s*$/.exec(line) ?? [];
    const [, key, value] = /^\s*([^;=[\s][^=]*?)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (section !== undefined) {
      keys = sections.get(section) ?? new Map();
      sections.set(section, keys);
    } else if (key !== undefined) keys.set(key, value!);
  }
  return sections;
}

export function iniText(settings: Settings): string {
  const parts = [...settings].map(([section, keys]) =>
    [`[${section}]`, ...[...keys].map(([key, value]) => `${key} = ${value}`), ''].join('\n'),
  );
  return `; Written by converge: changes here are lost.\n\n${parts.join('\n')}`;
}

/** Why CouchDB could not read it again; undefined: it can. */
export function unfitFor(section: string, key: string, value: string): string | undefined {
  const isFit =
    /^[^\]\n\r\0]+$/.test(section) && /^[^;=[\]\s][^=\n\r\0]*$/.test(key) && !/[\n\r\0]|(^|\s);/.test(value);
  return isFit ? undefined : `[${section}] ${key}`.replace(/[\n\r\0]/g, ' ');
}

export interface Differing {
  readonly section: string;
  readonly key: string;
  readonly old: string | undefined;
  readonly new: string | undefined;
}

export function differing(present: Settings, wanted: Settings): Differing[] {
  const all = new Map<string, Differing>();
  for (const [section, keys] of [...wanted, ...present])
    for (const key of keys.keys()) {
      const old = present.get(section)?.get(key);
      const value = wanted.get(section)?.get(key);
      if (old !== value) all.set(`${section}\n${key}`, { section, key, old, new: value });
    }
  return [...all.values()];
}
