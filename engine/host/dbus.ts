/** Messages of D-Bus: reads those that arrive in a stream, as far as a listener needs them, and asks for a sign of life. */

/** What arrives is not D-Bus, or nothing that would be sent to us. */
export class Garbled extends Error {}

export interface Message {
  readonly kind: 'call' | 'answer' | 'error' | 'signal';
  /** '' where there is none. */
  readonly path: string;
  readonly interface: string;
  readonly member: string;
  readonly body: Body;
}

const kinds = ['', 'call', 'answer', 'error', 'signal'] as const;

/** Codes of header fields → what is kept of them. All three are texts. */
const kept = { 1: 'path', 2: 'interface', 3: 'member' } as const;

/** Longer than anything that systemd tells; the specification would allow 128 MiB. */
const longest = 16 << 20;

/** Values one after the other, each where its kind is aligned to. Throws a RangeError where there are no more. */
export class Body {
  readonly bytes: Buffer;
  readonly #little: boolean;
  #at = 0;

  constructor(bytes: Buffer, little: boolean) {
    this.bytes = bytes;
    this.#little = little;
  }

  get left(): number {
    return this.bytes.length - this.#at;
  }

  align(to: number): void {
    this.#at = aligned(this.#at, to);
  }

  byte(): number {
    return this.bytes.readUInt8(this.#at++);
  }

  number(): number {
    this.align(4);
    const value = numberAt(this.bytes, this.#at, this.#little);
    this.#at += 4;
    return value;
  }

  /** A text or a path. */
  text(): string {
    return this.#take(this.number());
  }

  /** A signature. */
  signature(): string {
    return this.#take(this.byte());
  }

  #take(length: number): string {
    // With the NUL behind it.
    if (length >= this.left) throw new RangeError('A text is longer than what it is in.');
    const text = this.bytes.toString('utf8', this.#at, this.#at + length);
    this.#at += length + 1;
    return text;
  }
}

/** Takes bytes as they arrive and hands over each message that is whole. Throws Garbled. */
export function createMessageReader(onMessage: (message: Message) => void): (bytes: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    while (rest.length >= 16) {
      const { total, headers } = extentOf(rest);
      if (rest.length < total) break;
      const message = messageOf(rest.subarray(0, total), headers);
      rest = rest.subarray(total);
      onMessage(message);
    }
  };
}

function extentOf(bytes: Buffer): { total: number; headers: number } {
  const order = bytes[0];
  // `l` and `B`, and the only version there is.
  if ((order !== 0x6c && order !== 0x42) || bytes[3] !== 1) throw new Garbled('This is not D-Bus.');
  const headers = numberAt(bytes, 12, order === 0x6c);
  const total = aligned(16 + headers, 8) + numberAt(bytes, 4, order === 0x6c);
  if (total > longest) throw new Garbled(`A message of ${total} bytes.`);
  return { total, headers };
}

function messageOf(bytes: Buffer, length: number): Message {
  const little = bytes[0] === 0x6c;
  const found = { path: '', interface: '', member: '' };
  // From its start, since it is what everything is aligned to.
  const headers = new Body(bytes.subarray(0, 16 + length), little);
  try {
    for (let i = 0; i < 16; i++) headers.byte();
    while (headers.left > 0) {
      headers.align(8);
      const name = kept[headers.byte() as keyof typeof kept];
      const signature = headers.signature();
      if (signature === 's' || signature === 'o') {
        const text = headers.text();
        if (name) found[name] = text;
      } else if (signature === 'g') headers.signature();
      else if (signature === 'u') headers.number();
      // Fields that nobody has thought of yet come last, if at all.
      else break;
    }
  } catch (error) {
    if (error instanceof RangeError) throw new Garbled('A message whose headers end too early.');
    throw error;
  }
  const body = new Body(bytes.subarray(aligned(16 + length, 8)), little);
  return { kind: kinds[bytes[1]!] || 'call', ...found, body };
}

/** A call that anything on D-Bus answers; who is answered has been heard. */
export function pingOf(path: string): Buffer {
  const fields = [
    [1, 'o', path],
    [2, 's', 'org.freedesktop.DBus.Peer'],
    [3, 's', 'Ping'],
  ] as const;
  const parts: Buffer[] = [];
  let length = 0;
  for (const [code, signature, text] of fields) {
    const gap = Buffer.alloc(aligned(length, 8) - length);
    const words = Buffer.from(text);
    const size = Buffer.alloc(4);
    size.writeUInt32LE(words.length);
    const field = Buffer.concat([
      gap,
      Buffer.from([code, 1, signature.charCodeAt(0), 0]),
      size,
      words,
      Buffer.from([0]),
    ]);
    parts.push(field);
    length += field.length;
  }
  const start = Buffer.from('l\x01\0\x01\0\0\0\0\x01\0\0\0\0\0\0\0', 'latin1');
  start.writeUInt32LE(length, 12);
  return Buffer.concat([start, ...parts, Buffer.alloc(aligned(length, 8) - length)]);
}

function aligned(at: number, to: number): number {
  return Math.ceil(at / to) * to;
}

function numberAt(bytes: Buffer, at: number, little: boolean): number {
  return little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
}
