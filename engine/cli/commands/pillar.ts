/** `converge pillar`: looks at the pillar, and keeps the secrets in it encrypted. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type Diagnostic, Trouble } from '../../core/diagnostic.ts';
import { isArmour, SecretTrouble } from '../../core/secret.ts';
import { toPlain, type Value } from '../../core/value.ts';
import { noCache } from '../../source/cache.ts';
import { encrypt, newIdentity, recipientOf } from '../../source/encrypt.ts';
import { encryptedSuffix } from '../../source/find-sls.ts';
import { createDecrypter, readIdentities } from '../../source/identity.ts';
import { readRecipients, recipientsFile } from '../../source/recipients.ts';
import { blockOf, secretsIn } from '../../source/secret-text.ts';
import { readText } from '../../source/tree.ts';
import type { Command } from '../arguments.ts';
import { exitCodes, onCommandLine, type Streams } from '../main.ts';
import { encrypted, encryptedAfterEdit, encryptedAnew, inPlainText, isWhole } from '../pillar-text.ts';
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
    const before = readText(file);
    const whole = options.whole === true || isWhole(file, before);
    const { text, count } = await encrypted(before, whole, keys);
    if (count > 0) replaceFile(file, text);
    const what = whole
      ? count > 0
        ? 'encrypted as a whole'
        : 'is encrypted already'
      : `${counted(count)} encrypted`;
    streams.stderr.write(`${file}: ${what}\n`);
    if (!whole && secretsIn(before).length === 0)
      streams.stderr.write(`${file}: no value in it is tagged !secret (--whole encrypts all of it)\n`);
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
  streams.reveal!(await inPlainText(file, readText(file), decrypter));
  return exitCodes.converged;
}

async function edit({ names, options }: Pillar, streams: Streams): Promise<number> {
  const settings = readSettings(options, streams);
  const keys = await keysFor(settings, options.recipients);
  const decrypter = createDecrypter({ identity: settings.identity, cache: noCache });
  const file = resolve(streams.cwd, names[0]!);
  const isNew = file.endsWith(encryptedSuffix) && !existsSync(file);
  const before = isNew ? '' : readText(paths(names, streams)[0]!);
  const whole = isWhole(file, before);
  const plain = await inPlainText(file, before, decrypter);
  const edited = await editedText(plain, file, streams);
  if (edited === plain) {
    streams.stderr.write(`${file}: nothing was changed\n`);
    return exitCodes.converged;
  }
  const { text, count } = whole
    ? await encrypted(edited, true, keys)
    : await encryptedAfterEdit(edited, before, decrypter, keys);
  if (isNew) writeFileSync(file, text, { flag: 'wx' });
  else replaceFile(file, text);
  streams.stderr.write(`${file}: ${whole ? 'encrypted as a whole' : `${counted(count)} encrypted`}\n`);
  return exitCodes.converged;
}

/** The plain text lies in a folder in memory, for its owner only, for as long as the editor runs. */
async function editedText(text: string, file: string, { env, signals }: Streams): Promise<string> {
  // In memory: what was written to a disk is never surely gone.
  const memory = '/dev/shm';
  if (!existsSync(memory)) throw trouble('bad-argument', 'There is no /dev/shm to keep the plain text in.');
  sweep(memory);
  // A signal must not end this process while the plain text is there: the editor gets it too, and then it is removed.
  const unlisten = signals?.listen(() => {});
  const folder = mkdtempSync(join(memory, `converge-edit-${process.pid}-`));
  try {
    chmodSync(folder, 0o700);
    const place = join(folder, basename(file).replace(/\.age$/, ''));
    writeFileSync(place, text, { mode: 0o600 });
    const editor = env['VISUAL'] || env['EDITOR'] || 'vi';
    // As git does: the variable may hold options, too.
    const { status, error } = spawnSync('/bin/sh', ['-c', `${editor}${modesty(editor)} "$1"`, 'sh', place], {
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
    return readText(place);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    unlisten?.();
  }
}

/** Vim keeps what was typed and deleted in files of its own: ~/.viminfo, swap and undo files. */
function modesty(editor: string): string {
  const { stdout } = spawnSync('/bin/sh', [
    '-c',
    'readlink -f "$(command -v "$1")"',
    'sh',
    editor.split(/\s/)[0]!,
  ]);
  const isVim = /(^|\/)n?vim(\.\w+)?$/.test(stdout?.toString().trim() ?? '');
  return isVim ? ` -n -i NONE --cmd 'set noundofile nobackup nowritebackup'` : '';
}

/** What an edit left behind that was killed outright. */
function sweep(memory: string): void {
  for (const name of readdirSync(memory)) {
    const pid = /^converge-edit-(\d+)-/.exec(name)?.[1];
    if (pid === undefined || existsSync(`/proc/${pid}`)) continue;
    const place = join(memory, name);
    if (lstatSync(place).uid === process.getuid?.()) rmSync(place, { recursive: true, force: true });
  }
}

async function rotate({ names, options }: Pillar, streams: Streams): Promise<number> {
  const settings = readSettings(options, streams);
  const files = paths(names, streams);
  const keys = await keysFor(settings, options.recipients);
  const decrypter = createDecrypter({ identity: settings.identity, cache: noCache });
  // All or nothing: everything is encrypted before the first file is written.
  const made = await Promise.all(
    files.map(async (file) => ({ file, ...(await encryptedAnew(file, readText(file), decrypter, keys)) })),
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
