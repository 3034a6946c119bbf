/** Public keys of ssh: what is one, and the lines they are written in. */

export interface SshKey {
  readonly type: string;
  /** Base64. */
  readonly blob: string;
}

export interface KeyLine extends SshKey {
  /** As written before the type; '' where there are none. */
  readonly options: string;
  readonly comment: string;
}

/** The key that some Base64 stands for: it names its own type. Undefined where it is none, or cut short. */
export function keyOf(blob: string): SshKey | undefined {
  if (!/^[A-Za-z0-9+/]{20,}={0,2}$/.test(blob)) return undefined;
  const bytes = Buffer.from(blob, 'base64');
  if (bytes.toString('base64').replace(/=+$/, '') !== blob.replace(/=+$/, '')) return undefined;
  const type = fieldAt(bytes, 0)?.toString('latin1') ?? '';
  if (!/^[a-z][a-z0-9@.-]+$/.test(type)) return undefined;
  let end = 4 + type.length;
  // A certificate holds numbers, too: only plain keys are a row of fields (RFC 4253, section 6.6).
  if (type.includes('-cert-')) return bytes.length > end ? { type, blob } : undefined;
  if (end === bytes.length) return undefined;
  while (end < bytes.length) {
    const field = fieldAt(bytes, end);
    if (field === undefined) return undefined;
    end += 4 + field.length;
  }
  return { type, blob };
}

function fieldAt(bytes: Buffer, at: number): Buffer | undefined {
  if (at + 4 > bytes.length) return undefined;
  const length = bytes.readUInt32BE(at);
  return at + 4 + length > bytes.length ? undefined : bytes.subarray(at + 4, at + 4 + length);
}

/** The word before a key: its type, or one of the short names that trees use for it. */
export function isTypeOf(word: string, { type }: SshKey): boolean {
  if (word === type) return true;
  switch (word) {
    case 'rsa':
      return type === 'ssh-rsa';
    case 'dsa':
    case 'ssh-dsa':
      return type === 'ssh-dss';
    case 'ed25519':
      return type === 'ssh-ed25519';
    case 'ecdsa':
      return type.startsWith('ecdsa-sha2-');
    default:
      return false;
  }
}

/** A line of authorized_keys (sshd(8)): options, type, key, comment. Undefined for every other line. */
export function keyLineOf(line: string): KeyLine | undefined {
  const text = line.trim();
  if (text === '' || text.startsWith('#')) return undefined;
  const plain = keyAndComment(text);
  if (plain) return { options: '', ...plain };
  const end = endOfOptions(text);
  const rest = keyAndComment(text.slice(end).trimStart());
  return rest && { options: text.slice(0, end), ...rest };
}

function keyAndComment(text: string): (SshKey & { comment: string }) | undefined {
  const match = /^(\S+)[ \t]+(\S+)(?:[ \t]+(.*))?$/.exec(text);
  const key = match ? keyOf(match[2]!) : undefined;
  return key && key.type === match![1] ? { ...key, comment: match![3]?.trim() ?? '' } : undefined;
}

/** Blanks count only outside of quotes, where a backslash guards a quote. */
function endOfOptions(text: string): number {
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const one = text[at];
    if (quoted && one === '\\' && text[at + 1] === '"') at++;
    else if (one === '"') quoted = !quoted;
    else if (!quoted && (one === ' ' || one === '\t')) return at;
  }
  return text.length;
}

export function sameKey(a: SshKey, b: SshKey): boolean {
  return a.type === b.type && a.blob.replace(/=+$/, '') === b.blob.replace(/=+$/, '');
}

/** A key in a few characters, for reports. */
export function keyName({ type, blob }: SshKey): string {
  return `${type} …${blob.slice(-16)}`;
}
