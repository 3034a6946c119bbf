/** What the verbs of `pillar` make of the text of a file: its secrets in plain text, encrypted, or encrypted anew. */
import { isArmour, SecretTrouble } from '../core/secret.ts';
import { encrypt } from '../source/encrypt.ts';
import { encryptedSuffix } from '../source/find-sls.ts';
import { blockOf, changeSecrets, plainOf } from '../source/secret-text.ts';

export type Decrypter = (armour: string) => Promise<string>;

/** A file, and how many of its secrets were encrypted to make this text of it. */
export interface Made {
  readonly text: string;
  readonly count: number;
}

/** Whether a file is, or by its name should be, encrypted as a whole. */
export function isWhole(file: string, text: string): boolean {
  return file.endsWith(encryptedSuffix) || isArmour(text);
}

/** Throws SecretTrouble that names the file, and the line where it is one value of it. */
export async function inPlainText(file: string, text: string, decrypter: Decrypter): Promise<string> {
  if (isArmour(text)) return await telling(file, () => decrypter(text));
  return await changeSecrets(text, async ({ encrypted, value, indent, line }) =>
    encrypted ? plainOf(await telling(`${file}:${line}`, () => decrypter(value)), indent) : undefined,
  );
}

/** Every value tagged as a secret that is still in plain text; all of the file where it is `whole`. */
export async function encrypted(text: string, whole: boolean, keys: readonly string[]): Promise<Made> {
  if (isArmour(text)) return { text, count: 0 };
  if (whole) return { text: await encrypt(text, keys), count: 1 };
  let count = 0;
  const changed = await changeSecrets(text, async (secret) => {
    if (secret.encrypted || secret.value === '') return undefined;
    count++;
    return blockOf(await encrypt(secret.value, keys), secret.indent);
  });
  return { text: changed, count };
}

/** For those who are recipients now. Throws SecretTrouble. */
export async function encryptedAnew(
  file: string,
  text: string,
  decrypter: Decrypter,
  keys: readonly string[],
): Promise<Made> {
  if (isArmour(text)) {
    return { text: await encrypt(await telling(file, () => decrypter(text)), keys), count: 1 };
  }
  let count = 0;
  const changed = await changeSecrets(text, async ({ encrypted, value, indent, line }) => {
    if (!encrypted) return undefined;
    count++;
    return blockOf(await encrypt(await telling(`${file}:${line}`, () => decrypter(value)), keys), indent);
  });
  return { text: changed, count };
}

/** A text that was edited in plain text: what was not changed keeps its block, so that a diff shows what was. */
export async function encryptedAfterEdit(
  edited: string,
  before: string,
  decrypter: Decrypter,
  keys: readonly string[],
): Promise<Made> {
  const known = new Map<string, string[]>();
  await changeSecrets(before, async ({ encrypted, value }) => {
    if (!encrypted) return undefined;
    const plain = await decrypter(value);
    known.set(plain, [...(known.get(plain) ?? []), value]);
    return undefined;
  });
  let count = 0;
  const text = await changeSecrets(edited, async ({ value, encrypted, indent }) => {
    if (encrypted || value === '') return undefined;
    const kept = known.get(value)?.shift();
    if (kept === undefined) count++;
    return blockOf(kept ?? (await encrypt(value, keys)), indent);
  });
  return { text, count };
}

async function telling(place: string, decrypt: () => Promise<string>): Promise<string> {
  try {
    return await decrypt();
  } catch (error) {
    if (!(error instanceof SecretTrouble)) throw error;
    throw new SecretTrouble(error.code, `${place}: ${error.message}`, error.hint);
  }
}
