/** Makes identities and armoured blocks of age (https://age-encryption.org/v1). */
import { armor, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';

export async function encrypt(text: string, recipients: readonly string[]): Promise<string> {
  const encrypter = new Encrypter();
  for (const one of recipients) encrypter.addRecipient(one);
  return armor.encode(await encrypter.encrypt(text));
}

export interface NewIdentity {
  readonly identity: string;
  readonly recipient: string;
}

export async function newIdentity(): Promise<NewIdentity> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

export async function recipientOf(identity: string): Promise<string> {
  return await identityToRecipient(identity);
}
