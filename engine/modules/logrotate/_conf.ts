/** The lines of a configuration file of logrotate(8), and the edit of one setting. */

export interface Setting {
  readonly name: string;
  /** '' where the name says it all (`compress`). */
  readonly value: string;
  readonly at: number;
}

export interface Block {
  /** The paths and patterns it is for. */
  readonly logs: readonly string[];
  readonly settings: readonly Setting[];
  /** Line of the closing brace. */
  readonly end: number;
}

export interface Conf {
  /** Settings outside of blocks, `include` among them. */
  readonly settings: readonly Setting[];
  readonly blocks: readonly Block[];
}

const scripts = ['prerotate', 'postrotate', 'firstaction', 'lastaction', 'preremove'];

export function confOf(lines: readonly string[]): Conf {
  const settings: Setting[] = [];
  const blocks: Block[] = [];
  let header: string[] = [];
  let inside: { logs: string[]; settings: Setting[] } | undefined;
  let script = false;
  for (const [at, line] of lines.entries()) {
    const bare = line.trim();
    if (script) {
      script = bare !== 'endscript';
      continue;
    }
    if (bare === '' || bare.startsWith('#')) continue;
    if (inside === undefined) {
      const brace = bare.indexOf('{');
      const before = brace === -1 ? bare : bare.slice(0, brace);
      if (header.length === 0 && brace === -1 && !/^["'/~*]/.test(bare)) {
        settings.push(settingOf(bare, at));
        continue;
      }
      header.push(...wordsOf(before));
      if (brace === -1) continue;
      inside = { logs: header, settings: [] };
      header = [];
      const rest = bare.slice(brace + 1).trim();
      if (rest === '') continue;
      if (!rest.endsWith('}')) inside.settings.push(settingOf(rest, at));
      else {
        blocks.push({ ...inside, end: at });
        inside = undefined;
      }
    } else if (bare.startsWith('}')) {
      blocks.push({ ...inside, end: at });
      inside = undefined;
    } else {
      const setting = settingOf(bare, at);
      inside.settings.push(setting);
      script = scripts.includes(setting.name);
    }
  }
  return { settings, blocks };
}

function settingOf(bare: string, at: number): Setting {
  const [, name, value] = /^([^\s=]+)\s*=?\s*(.*)$/.exec(bare) ?? ['', bare, ''];
  return { name: name!, value: value!, at };
}

function wordsOf(text: string): string[] {
  return [...text.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3]!);
}

const periods = ['hourly', 'daily', 'weekly', 'monthly', 'yearly'];

/** Of these only the last one counts, so setting one is unsetting the others. */
export function rivalsOf(name: string): readonly string[] {
  if (periods.includes(name)) return periods;
  return name.startsWith('no') ? [name, name.slice(2)] : [name, `no${name}`];
}

/** What a setting is to be: true stands for its name alone, false for none. */
export type Wanted = string | true | false;

export interface Edit {
  readonly lines: readonly string[];
  /** As they were, of those that have to do with it. */
  readonly old: Wanted;
}

/** Sets one of `settings`: in the place of the last that counts, or at `fresh`. */
export function withSetting(
  lines: readonly string[],
  settings: readonly Setting[],
  { name, wanted, fresh, indent }: { name: string; wanted: Wanted; fresh: number; indent: string },
): Edit {
  const rivals = wanted === true ? rivalsOf(name) : [name];
  const found = settings.filter((one) => rivals.includes(one.name));
  const last = found.at(-1);
  const same = settings.filter((one) => one.name === name).at(-1);
  const old = same === undefined ? false : same.value === '' ? true : same.value;
  // A rival that stands below wins.
  const right = wanted === false ? found.length === 0 : last?.name === name && old === wanted;
  if (right) return { lines, old: wanted };
  const line = wanted === true ? name : `${name} ${wanted}`;
  const next = lines.flatMap((one, at) => {
    if (!found.some((setting) => setting.at === at)) return [one];
    const keep = at === last!.at && wanted !== false;
    return keep ? [`${/^\s*/.exec(one)![0]}${line}`] : [];
  });
  if (last !== undefined || wanted === false) return { lines: next, old };
  return { lines: [...lines.slice(0, fresh), `${indent}${line}`, ...lines.slice(fresh)], old };
}
