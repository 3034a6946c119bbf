/** `converge pillar`: looks at the pillar, and keeps the secrets in it encrypted. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Diagnostic, Trouble } from '../../core/diagnostic.ts';
import { isArmour } from '../../core/secret.ts';
import { toPlain, type Value } from '../../core/value.ts';
import { noCache } from '../../source/cache.ts';
import { encrypt, newIdentity, recipientOf } from '../../source/encrypt.ts';
import { createDecrypter, readIdentities } from '../../source/identity.ts';
import { SecretTrouble } from '../../source/pillar.ts';
import { readRecipients, recipientsFile } from '../../source/recipients.ts';
import { blockOf, changeSecrets, plainOf, type SecretValue, secretsIn } from '../../source/secret-text.ts';
import { readText } from '../../source/tree.ts';
import type { Command } from '../arguments.ts';
import { exitCodes, onCommandLine, type Streams } from '../main.ts';
import { readSettings, type Settings } from '../settings.ts';
import { createWorld } from '../world.ts';

type Pillar = Extract<Command, { verb: 'pillar' }>;

export async function pillarCommand(command: Pillar, streams: Streams): Promise<number> {
  try {
    return await does[command.what](command, streams);
  } catch (error) {
    if (error instanceof SecretTrouble) throw trouble(error.code, capital(error.message), error.hint);
    throw error;
  }
}

const does: { readonly [what in Pillar['what']]: (command: Pillar, streams: Streams) => Promise<number> } = {
  get,
  encrypt: encryptFiles,
  decrypt,
  edit,
  rotate,
  recipients,
  keygen,
};

async function get({ names, options }: Pillar, streams: Streams): Promise<number> {
  const world = await createWorld(options, streams);
  const values = await Promise.all(
    names.map(async (name) => [name, await world.lookUp('pillar', name)] as const),
  );
  const missing = values.find(([, value]) => value === undefined);
  if (missing) throw trouble('pillar-not-found', `The pillar has no value at "${missing[0]}".`);
  const print = options.reveal ? streams.reveal! : (text: string) => streams.stdout.write(text);
  const shown = values.map(([name, value]) => [name, toPlain(value as Value)] as const);
  if (world.settings.output === 'json') print(`${JSON.stringify(Object.fromEntries(shown), null, 2)}\n`);
  else for (const [, value] of shown) print(`${typeof value === 'string' ? value : JSON.stringify(value)}\n`);
  return exitCodes.converged;
}

async function encryptFiles({ names, options }: Pillar, streams: Streams): Promise<number> {
  const settings = readSettings(options, streams);
  const files = paths(names, streams);
  const keys = await keysFor(settings, options.recipients);
  if (files.length === 0) {
    const typed = await read(streams, 'Secret (it is not shown): ');
    // A value that is piped in ends with the newline of echo.
    const value = typed.replace(/\n$/, '');
    if (value === '') throw trouble('bad-argument', 'There is nothing to encrypt.');
    streams.stdout.write(`${blockOf(await encrypt(value, keys), '  ')}\n`);
    return exitCodes.converged;
  }
  for (const file of files) {
    let count = 0;
    const text = readText(file);
    const changed = await changeSecrets(text, async ({ value, encrypted, indent }) => {
      if (encrypted || value === '') return undefined;
      count++;
      return blockOf(await encrypt(value, keys), indent);
    });
    if (count > 0) replaceFile(file, changed);
    streams.stderr.write(`${file}: ${counted(count)} encrypted\n`);
    if (count === 0 && secretsIn(text).length === 0) {
      streams.stderr.write(`${file}: no value in it is tagged !secret\n`);
    }
  }
  return exitCodes.converged;
}

async function decrypt({ names, options }: Pillar, streams: Streams): Promise<number> {
  const { identity } = readSettings(options, streams);
  const decrypter = createDecrypter({ identity, cache: noCache });
  const [file] = paths(names, streams);
  if (file === undefined) {
    const block = (await read(streams, '')).replace(/^\s*!secret +\|\s*\n/, '').replace(/^ +/gm, '');
    if (!isArmour(block)) throw trouble('bad-argument', 'What came in is no armoured block of age.');
    streams.reveal!(`${await decrypter(block)}\n`);
    return exitCodes.converged;
  }
  streams.reveal!(await plainText(readText(file), decrypter));
  return exitCodes.converged;
}

async function plainText(text: string, decrypter: (armour: string) => Promise<string>): Promise<string> {
  return await changeSecrets(text, async (secret) =>
    secret.encrypted ? plainOf(await named(secret, decrypter), secret.indent) : undefined,
  );
}

async function named({ value, line }: SecretValue, decrypter: (armour: string) => Promise<string>) {
  try {
    return await decrypter(value);
  } catch (error) {
    if (!(error instanceof SecretTrouble)) throw error;
    throw new SecretTrouble(error.code, `the secret in line ${line}: ${error.message}`, error.hint);
  }
}

/**
 * The plain text lies in a folder in memory, for its owner only, for as long as the editor runs. A secret that was not
 * changed keeps its block, so that a diff shows what was.
 */
async function edit({ names, options }: Pillar, streams: Streams): Promise<number> {
  const settings = readSettings(options, streams);
  const keys = await keysFor(settings, options.recipients);
  const decrypter = createDecrypter({ identity: settings.identity, cache: noCache });
  const file = paths(names, streams)[0]!;
  const text = readText(file);
  const known = new Map<string, string[]>();
  const plain = await changeSecrets(text, async (secret) => {
    if (!secret.encrypted) return undefined;
    const value = await named(secret, decrypter);
    known.set(value, [...(known.get(value) ?? []), secret.value]);
    return plainOf(value, secret.indent);
  });
  const edited = editedText(plain, file, streams);
  if (edited === plain) {
    streams.stderr.write(`${file}: nothing was changed\n`);
    return exitCodes.converged;
  }
  let count = 0;
  const changed = await changeSecrets(edited, async ({ value, encrypted, indent }) => {
    if (encrypted || value === '') return undefined;
    const kept = known.get(value)?.shift();
    if (kept === undefined) count++;
    return blockOf(kept ?? (await encrypt(value, keys)), indent);
  });
  replaceFile(file, changed);
  streams.stderr.write(`${file}: ${counted(count)} encrypted\n`);
  return exitCodes.converged;
}

function editedText(text: string, file: string, { env }: Streams): string {
  // In memory: what was written to a disk is never surely gone.
  const memory = '/dev/shm';
  if (!existsSync(memory)) throw trouble('bad-argument', 'There is no /dev/shm to keep the plain text in.');
  const folder = mkdtempSync(join(memory, 'converge-'));
  try {
    chmodSync(folder, 0o700);
    const place = join(folder, basename(file));
    writeFileSync(place, text, { mode: 0o600 });
    const editor = env['VISUAL'] || env['EDITOR'] || 'vi';
    // As git does: the variable may hold options, too.
    const { status, error } = spawnSync('/bin/sh', ['-c', `${editor} "$1"`, 'sh', place], {
      stdio: 'inherit',
      env: { ...env, TMPDIR: folder },
    });
    if (error || status !== 0) {
      throw trouble(
        'bad-argument',
        `The editor "${editor}" ended with status ${status}; nothing was changed.`,
        'Set EDITOR to one that can be run.',
      );
    }
    return readFileSync(place, 'utf8');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function rotate({ names, options }: Pillar, streams: Streams): Promise<number> {
  const settings = readSettings(options, streams);
  const files = paths(names, streams);
  const keys = await keysFor(settings, options.recipients);
  const decrypter = createDecrypter({ identity: settings.identity, cache: noCache });
  // All or nothing: everything is encrypted before the first file is written.
  const made = await Promise.all(
    files.map(async (file) => {
      let count = 0;
      const text = await changeSecrets(readText(file), async (secret) => {
        if (!secret.encrypted) return undefined;
        count++;
        return blockOf(await encrypt(await named(secret, decrypter), keys), secret.indent);
      });
      return { file, text, count };
    }),
  );
  for (const { file, text, count } of made) {
    if (count > 0) replaceFile(file, text);
    streams.stderr.write(`${file}: ${counted(count)} encrypted anew for ${keys.length} recipients\n`);
  }
  return exitCodes.converged;
}

async function recipients({ options }: Pillar, streams: Streams): Promise<number> {
  const { pillar, identity, output } = readSettings(options, streams);
  const own = existsSync(identity) ? await Promise.all(readIdentities(identity).map(recipientOf)) : [];
  const listed = readRecipients(pillar);
  if (output === 'json') {
    streams.stdout.write(`${JSON.stringify({ own, recipients: listed }, null, 2)}\n`);
    return exitCodes.converged;
  }
  for (const key of own) {
    const known = listed.some((one) => one.key === key);
    streams.stdout.write(`${key}  this node${known ? '' : `, not in ${recipientsFile}`}\n`);
  }
  for (const { key, name } of listed) {
    if (!own.includes(key)) streams.stdout.write(`${key}${name ? `  ${name}` : ''}\n`);
  }
  if (own.length + listed.length === 0) streams.stderr.write('There are no recipients yet.\n');
  return exitCodes.converged;
}

async function keygen({ options }: Pillar, streams: Streams): Promise<number> {
  const { identity: place } = readSettings(options, streams);
  if (existsSync(place)) {
    throw trouble(
      'bad-argument',
      `This node has an identity already, ${place}.`,
      'converge pillar recipients prints its public key.',
    );
  }
  const { identity, recipient } = await newIdentity();
  mkdirSync(dirname(place), { recursive: true, mode: 0o755 });
  writeFileSync(
    place,
    `# The identity of this node: whoever has it can read the secrets of the pillar.\n${identity}\n`,
    {
      mode: 0o600,
      flag: 'wx',
    },
  );
  streams.stdout.write(`${recipient}\n`);
  streams.stderr.write(
    `Put this public key into ${recipientsFile} of the pillar, and run converge pillar rotate on its files.\n`,
  );
  return exitCodes.converged;
}

/** As told, or those of the pillar; a node that is alone encrypts for itself. */
async function keysFor(settings: Settings, told: readonly string[] | undefined): Promise<readonly string[]> {
  for (const key of told ?? []) {
    if (!key.startsWith('age1')) throw trouble('bad-recipient', `"${key}" is no public key of age.`);
  }
  if (told?.length) return told;
  const listed = readRecipients(settings.pillar).map(({ key }) => key);
  if (listed.length > 0) return listed;
  return await Promise.all(readIdentities(settings.identity).map(recipientOf));
}

async function read({ read: readInput }: Streams, prompt: string): Promise<string> {
  if (!readInput) throw trouble('bad-argument', 'There is no stdin to read from.');
  return await readInput(prompt);
}

function paths(names: readonly string[], { cwd }: Streams): string[] {
  const found = names.map((name) => resolve(cwd, name));
  const missing = found.find((file) => !statSync(file, { throwIfNoEntry: false })?.isFile());
  if (missing) throw trouble('file-not-found', `The file ${missing} does not exist.`);
  return found;
}

/** In one step, with the mode it had. */
function replaceFile(file: string, text: string): void {
  const { mode, uid, gid } = statSync(file);
  const temporary = `${file}.${process.pid}.new`;
  try {
    writeFileSync(temporary, text, { mode: mode & 0o7777, flag: 'wx' });
    if (process.getuid?.() === 0) chownSync(temporary, uid, gid);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function counted(count: number): string {
  return count === 1 ? '1 secret' : `${count} secrets`;
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}

function trouble(code: Diagnostic['code'], message: string, hint?: string): Trouble {
  return new Trouble([{ code, message, origin: onCommandLine(), ...(hint ? { hint } : {}) }]);
}
