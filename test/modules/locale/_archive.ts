/** A locale-archive of glibc with nothing but its table of names. */
export function archiveOf(names: readonly string[]): Buffer {
  const head = Buffer.alloc(56);
  const table = Buffer.alloc((names.length + 1) * 12);
  const texts = Buffer.from(names.map((name) => `${name}\0`).join(''));
  const start = head.length + table.length;
  [0xde020109, 1, head.length, names.length, names.length + 1, start, texts.length].forEach((value, i) => {
    head.writeUInt32LE(value, i * 4);
  });
  let at = start;
  names.forEach((name, i) => {
    // The first entry of the hash table is free.
    table.writeUInt32LE(at, (i + 1) * 12 + 4);
    table.writeUInt32LE(1, (i + 1) * 12 + 8);
    at += name.length + 1;
  });
  return Buffer.concat([head, table, texts]);
}
