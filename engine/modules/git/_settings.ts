/** Which configuration file a state means, what it holds, and the step that changes it. */
import type { Reader, Stat } from '../../core/host.ts';
import { join } from '../../core/path.ts';
import type { Change, Refusal, Step } from '../../core/state.ts';
import { type Configuration, parseConfig } from './_config.ts';
import { refuseForeign } from './_look.ts';
import { pathOf } from './_path.ts';
import { lookAt } from './_repository.ts';

export const settingsProperties = {
  repo: { type: 'string', description: 'Repository whose own configuration is meant.' },
  user: {
    type: ['string', 'integer'],
    description:
      'User whose configuration is meant, with `global`; the user that runs converge unless given.',
  },
  global: {
    type: 'boolean',
    default: false,
    description: 'The configuration of the user instead of that of a repository.',
  },
  output_encoding: { type: 'string', description: 'Accepted for Salt trees; files are read as UTF-8.' },
} as const;

export interface SettingsArguments {
  readonly repo?: string;
  readonly user?: string | number;
  readonly global: boolean;
}

export interface Settings {
  readonly path: string;
  readonly config: Configuration;
  /** Of the file; undefined where there is none yet. */
  readonly stat: Stat | undefined;
  /** Whom a new file belongs to. */
  readonly owner: { readonly uid: number; readonly gid: number };
}

export function settingsOf(args: SettingsArguments, reader: Reader): Settings | Refusal {
  if (args.global === (args.repo !== undefined)) {
    return {
      refused: args.global
        ? 'repo and global cannot be given together.'
        : 'It is not said whose configuration is meant.',
      hint: 'Give either `repo`, the path of a repository, or `global: true`.',
      certain: true,
    };
  }
  return args.global ? ofUser(args, reader) : ofRepository(args.repo!, reader);
}

/** git-config(1), "FILES": the second file counts only where there is no ~/.gitconfig. */
function ofUser(args: SettingsArguments, reader: Reader): Settings | Refusal {
  const user = reader.user(args.user ?? reader.self.uid);
  if (user === undefined) {
    return {
      refused: `There is no user "${args.user ?? reader.self.uid}".`,
      hint: 'Require the state that makes it.',
    };
  }
  const other = join(user.home, '.config/git/config');
  const first = join(user.home, '.gitconfig');
  const path = reader.stat(first) === undefined && reader.stat(other) !== undefined ? other : first;
  if (reader.stat(user.home) === undefined) {
    return {
      refused: `The home of ${user.name}, ${user.home}, does not exist.`,
      hint: 'Require the state that makes it (user.present with createhome).',
    };
  }
  return read(path, user, reader);
}

function ofRepository(repo: string, reader: Reader): Settings | Refusal {
  const at = reader.resolve(pathOf(repo, reader));
  const found = lookAt(at, reader);
  if (found.kind === 'repository') {
    const { repository } = found;
    return refuseForeign(repository, at) ?? read(repository.configPath, repository, reader);
  }
  return {
    refused: `${at} is no git repository.`,
    hint: 'Require the state that makes it (git.latest, git.present).',
  };
}

function read(path: string, owner: Settings['owner'], reader: Reader): Settings {
  const config = parseConfig(reader.content(path)?.toString() ?? '', path);
  return { path, config, stat: reader.stat(path), owner };
}

/** A file of git's, written as git would: what is not meant stays as it is. */
export function settingsStep(
  { path, stat, owner }: Settings,
  text: string,
  changes: readonly Change[],
): Step[] {
  const [change, ...also] = changes;
  if (change === undefined) return [];
  const fresh = stat === undefined ? { user: owner.uid, group: owner.gid, mode: 0o644 } : {};
  const effect = { kind: 'write', path, content: Buffer.from(text), follow: true, ...fresh } as const;
  return [also.length > 0 ? { change, also, effect } : { change, effect }];
}

/** Tokens are kept out of reports. */
export function maskValue(key: string, value: string): string {
  const secret = /(extraheader|pass|password|passwd|token|secret)$/i.test(key);
  return secret ? '(hidden)' : value.replace(/^(\w+:\/\/[^/@:]*):[^/@]*@/, '$1:(hidden)@');
}
