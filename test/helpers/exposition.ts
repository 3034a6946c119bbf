/** Reads the text format of Prometheus as strictly as its parser does: whatever is malformed throws. */

export interface Family {
  readonly type: string;
  readonly help: string;
  /** By the labels as they are written, '' for none. */
  readonly samples: ReadonlyMap<string, number>;
}

const name = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const label = `[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\[\\\\"n])*"`;
const sample = new RegExp(`^(${name})(?:\\{(${label}(?:,${label})*)?\\})? (\\S+)$`);

/** https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format, without what the textfile collector refuses. */
export function parseExposition(text: string): Map<string, Family> {
  if (!text.endsWith('\n')) throw new Error('The last line has no end.');
  const families = new Map<string, Family & { samples: Map<string, number> }>();
  let help: RegExpExecArray | null = null;
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    if (line.startsWith('# HELP ')) {
      help = new RegExp(`^# HELP (${name}) ((?:[^\\\\]|\\\\[\\\\n])+)$`).exec(line);
      if (!help || families.has(help[1]!)) throw new Error(line);
      continue;
    }
    if (line.startsWith('# TYPE ')) {
      const type = new RegExp(`^# TYPE (${name}) (gauge|counter)$`).exec(line);
      if (!type || type[1] !== help?.[1]) throw new Error(line);
      current = type[1]!;
      families.set(current, { type: type[2]!, help: help![2]!, samples: new Map() });
      continue;
    }
    const [, metric, labels = '', value] = sample.exec(line) ?? [];
    const family = families.get(metric ?? '');
    // Samples of a family stand together, each once, with a number.
    if (!family || metric !== current || family.samples.has(labels)) throw new Error(line);
    if (!/^[+-]?(\d+(\.\d+)?(e[+-]?\d+)?)$/.test(value!)) throw new Error(line);
    family.samples.set(labels, Number(value));
  }
  for (const [metric, { samples }] of families)
    if (samples.size === 0) throw new Error(`${metric} has no sample.`);
  return families;
}
