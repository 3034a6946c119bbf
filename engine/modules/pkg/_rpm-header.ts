/** What an .rpm file says of itself, read from its header (rpm's doc/manual/format; no process is needed). */

export interface RpmIdentity {
  readonly name: string;
  /** `[epoch:]version-release` */
  readonly version: string;
  readonly arch: string;
}

const leadLength = 96;
const headerMagic = 0x8eade8;
const tags = { name: 1000, version: 1001, release: 1002, epoch: 1003, arch: 1022 } as const;

/** Undefined where the bytes are no package. */
export function readRpmHeader(content: Buffer): RpmIdentity | undefined {
  if (content.length < leadLength || content.readUInt32BE(0) !== 0xedabeedb) return undefined;
  const signature = header(content, leadLength);
  // The signature is filled up to a multiple of eight bytes.
  const main = signature && header(content, Math.ceil(signature.end / 8) * 8);
  if (!main) return undefined;
  const [name, version, release] = (['name', 'version', 'release'] as const).map((tag) =>
    main.text(tags[tag]),
  );
  if (!name || !version || !release) return undefined;
  const epoch = main.number(tags.epoch);
  return {
    name,
    version: `${epoch ? `${epoch}:` : ''}${version}-${release}`,
    arch: main.text(tags.arch) ?? '',
  };
}

interface Header {
  readonly end: number;
  text(tag: number): string | undefined;
  number(tag: number): number | undefined;
}

/** Magic and version (4 bytes), reserved (4), entries (4), bytes of data (4); 16 bytes an entry: tag, type, offset, count. */
function header(content: Buffer, at: number): Header | undefined {
  if (at + 16 > content.length || content.readUIntBE(at, 3) !== headerMagic) return undefined;
  const entries = content.readUInt32BE(at + 8);
  const store = at + 16 + entries * 16;
  const end = store + content.readUInt32BE(at + 12);
  if (end > content.length) return undefined;
  const offsets = new Map<number, number>();
  for (let entry = at + 16; entry < store; entry += 16)
    offsets.set(content.readUInt32BE(entry), store + content.readUInt32BE(entry + 8));
  return {
    end,
    text(tag) {
      const from = offsets.get(tag);
      if (from === undefined || from >= end) return undefined;
      const to = content.indexOf(0, from);
      return content.toString('utf8', from, to < 0 || to > end ? end : to);
    },
    number(tag) {
      const from = offsets.get(tag);
      return from === undefined || from + 4 > end ? undefined : content.readUInt32BE(from);
    },
  };
}
