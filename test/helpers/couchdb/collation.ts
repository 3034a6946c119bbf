/** The order of keys in views of CouchDB: null, false, true, numbers, texts as people sort them, lists, objects. */

const texts = new Intl.Collator('und');

export function collate(one: unknown, other: unknown): number {
  const [rank, otherRank] = [rankOf(one), rankOf(other)];
  if (rank !== otherRank) return rank - otherRank;
  if (typeof one === 'number') return one - (other as number);
  if (typeof one === 'string') return collateTexts(one, other as string);
  if (Array.isArray(one)) return collateLists(one, other as unknown[]);
  if (typeof one === 'object' && one !== null)
    return collateLists(Object.entries(one).flat(), Object.entries(other as object).flat());
  return 0;
}

function collateTexts(one: string, other: string): number {
  return texts.compare(one, other) || (one < other ? -1 : one > other ? 1 : 0);
}

function collateLists(one: readonly unknown[], other: readonly unknown[]): number {
  for (const [index, value] of one.entries()) {
    if (index >= other.length) return 1;
    const order = collate(value, other[index]);
    if (order !== 0) return order;
  }
  return one.length - other.length;
}

function rankOf(value: unknown): number {
  if (value === null || value === undefined) return 0;
  if (typeof value === 'boolean') return value ? 2 : 1;
  const kinds = ['number', 'string'].indexOf(typeof value);
  return kinds >= 0 ? 3 + kinds : Array.isArray(value) ? 5 : 6;
}
