/** Nested data of the pillar: values at colon paths, merged and written as YAML. */
export type Scalar = string | number | boolean | null;
export type Data = Scalar | readonly Data[] | { readonly [key: string]: Data };
export type Mapping = { readonly [key: string]: Data };

export function isMapping(value: Data | undefined): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function at(data: Data | undefined, path: string): Data | undefined {
  let found = data;
  for (const key of path.split(':'))
    found = isMapping(found) && Object.hasOwn(found, key) ? found[key] : undefined;
  return found;
}

/** An empty text is no answer: a template would take it for one. */
export function has(data: Data, path: string): boolean {
  const found = at(data, path);
  return found !== undefined && found !== null && found !== '';
}

export function put(data: Mapping, path: string, value: Data): Mapping {
  return merge(data, path.split(':').reduceRight<Data>((inner, key) => ({ [key]: inner }), value) as Mapping);
}

/** The second one wins; lists are replaced, as in the pillar. */
export function merge(one: Mapping, other: Mapping): Mapping {
  const merged: { [key: string]: Data } = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const before = Object.hasOwn(one, key) ? one[key] : undefined;
    merged[key] = isMapping(before) && isMapping(value) ? merge(before, value) : value;
  }
  return merged;
}

/** What is at paths that are accepted, and the rest. Lists are looked into by none. */
export function split(data: Mapping, accepts: (path: string) => boolean, path = ''): [Mapping, Mapping] {
  const parts: [{ [key: string]: Data }, { [key: string]: Data }] = [{}, {}];
  for (const [key, value] of Object.entries(data)) {
    const full = path === '' ? key : `${path}:${key}`;
    if (accepts(full)) parts[0][key] = value;
    else if (isMapping(value) && Object.keys(value).length > 0) {
      const [yes, no] = split(value, accepts, full);
      if (Object.keys(yes).length > 0) parts[0][key] = yes;
      if (Object.keys(no).length > 0) parts[1][key] = no;
    } else parts[1][key] = value;
  }
  return parts;
}

/** Mappings as lines, everything else as JSON, which YAML takes as it is. */
export function toYaml(data: Mapping, indent = ''): string {
  return Object.entries(data)
    .map(([key, value]) => {
      const name = /^[A-Za-z][\w-]*$/.test(key) ? key : JSON.stringify(key);
      return isMapping(value) && Object.keys(value).length > 0
        ? `${indent}${name}:\n${toYaml(value, `${indent}  `)}`
        : `${indent}${name}: ${JSON.stringify(value)}\n`;
    })
    .join('');
}
