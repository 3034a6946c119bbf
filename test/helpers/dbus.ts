/** Messages of D-Bus as bytes, for tests of those that read them. */

export interface Written {
  /** 4: a signal. */
  readonly kind?: number;
  readonly path?: string;
  readonly interface?: string;
  readonly member?: string;
  /** Texts, and numbers of 32 bits. */
  readonly body?: readonly (string | number)[];
  /** Further header fields: code, signature, value. */
  readonly fields?: readonly (readonly [number, string, string | number])[];
  /** Big-endian. */
  readonly big?: boolean;
}

export function messageBytes(message: Written): Buffer {
  const { kind = 4, big = false, body = [] } = message;
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    if (big) bytes.writeUInt32BE(value);
    else bytes.writeUInt32LE(value);
    return bytes;
  };
  const pad = (bytes: Buffer, to: number): Buffer =>
    Buffer.concat([bytes, Buffer.alloc(Math.ceil(bytes.length / to) * to - bytes.length)]);
  const value = (of: string | number): Buffer =>
    typeof of === 'number'
      ? number(of)
      : Buffer.concat([number(Buffer.byteLength(of)), Buffer.from(of), Buffer.from([0])]);

  const fields: (readonly [number, string, string | number])[] = [...(message.fields ?? [])];
  if (message.path !== undefined) fields.push([1, 'o', message.path]);
  if (message.interface !== undefined) fields.push([2, 's', message.interface]);
  if (message.member !== undefined) fields.push([3, 's', message.member]);
  let headers: Buffer = Buffer.alloc(0);
  for (const [code, signature, held] of fields) {
    const bytes =
      signature === 'g' ? Buffer.from(`${String.fromCharCode(`${held}`.length)}${held}\0`) : value(held);
    headers = Buffer.concat([pad(headers, 8), Buffer.from([code, 1, signature.charCodeAt(0), 0]), bytes]);
  }
  let bodyBytes: Buffer = Buffer.alloc(0);
  for (const one of body) bodyBytes = Buffer.concat([pad(bodyBytes, 4), value(one)]);
  const start = Buffer.from([big ? 0x42 : 0x6c, kind, 1, 1]);
  const top = Buffer.concat([start, number(bodyBytes.length), number(7), number(headers.length), headers]);
  return Buffer.concat([pad(top, 8), bodyBytes]);
}
