/** The beginning of an .rpm file, as rpm's format description has it: lead, signature, header. */

export interface RpmFields {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  readonly arch: string;
  readonly epoch?: number;
}

export function rpmFile({ name, version, release, arch, epoch }: RpmFields): Buffer {
  const lead = Buffer.alloc(96);
  lead.writeUInt32BE(0xedabeedb, 0);
  const texts: [number, string][] = [
    [1000, name],
    [1001, version],
    [1002, release],
    [1022, arch],
  ];
  // One entry, of seven bytes: what follows has to begin at a multiple of eight.
  const signature = header([[1000, Buffer.from('6bytes\0')]]);
  const filled = Buffer.alloc(Math.ceil((lead.length + signature.length) / 8) * 8 - lead.length);
  signature.copy(filled);
  const number = Buffer.alloc(4);
  number.writeUInt32BE(epoch ?? 0);
  const main = header([
    ...(epoch === undefined ? [] : [[1003, number] as [number, Buffer]]),
    ...texts.map(([tag, text]): [number, Buffer] => [tag, Buffer.from(`${text}\0`)]),
  ]);
  return Buffer.concat([lead, filled, main]);
}

function header(entries: readonly (readonly [number, Buffer])[]): Buffer {
  const head = Buffer.alloc(16);
  const store = Buffer.concat(entries.map(([, data]) => data));
  head.writeUIntBE(0x8eade8, 0, 3);
  head.writeUInt8(1, 3);
  head.writeUInt32BE(entries.length, 8);
  head.writeUInt32BE(store.length, 12);
  let offset = 0;
  const index = entries.map(([tag, data]) => {
    const entry = Buffer.alloc(16);
    entry.writeUInt32BE(tag, 0);
    entry.writeUInt32BE(6, 4);
    entry.writeUInt32BE(offset, 8);
    entry.writeUInt32BE(1, 12);
    offset += data.length;
    return entry;
  });
  return Buffer.concat([head, ...index, store]);
}
