/** file.patch: a unified diff applied to a file, or to the files of a directory. */

import type { Reader } from '../../core/host.ts';
import { join } from '../../core/path.ts';
import { defineState, type Plan, type Refusal, type Step } from '../../core/state.ts';
import { templateProperties } from './_context.ts';
import { CannotEdit, editSteps, findFile } from './_edit.ts';
import { type Parents, parentSteps, parentsOf } from './_parents.ts';
import { type FilePatch, patched, patchesIn } from './_patch.ts';
import { lookAt, type There } from './_path.ts';
import { sourceProperties } from './_source.ts';
import { textsOf } from './_texts.ts';

/** One file and what the diff says of it. */
interface Target {
  readonly there: There;
  readonly patch: FilePatch;
  readonly parents?: Parents;
}

interface Now {
  readonly targets: readonly Target[];
  readonly whole: boolean;
  readonly fuzz: number;
  readonly refusal?: Refusal;
}

export default defineState({
  summary: 'this patch is applied',
  description: `
The patch is a unified diff (\`diff -u\`, \`git diff\`). With the name of a file it is applied to that file, whatever
names stand in it; with the name of a directory, to the files it names below that directory, of which it may make and
remove some. Nothing is changed unless every part of the patch fits.

Salt: hunks may have moved, and two lines around a hunk may differ (\`-F\` in \`options\` says how many).

Unlike Salt: file.patch needs no patch(1), and never writes rejects: a patch that does not fit changes nothing.

Unlike Salt: file.patch on a directory in which some files are patched already patches the others.`,
  properties: {
    source: { ...sourceProperties.source, description: `The patch. ${sourceProperties.source.description}` },
    source_hash: sourceProperties.source_hash,
    source_hash_name: sourceProperties.source_hash_name,
    skip_verify: sourceProperties.skip_verify,
    ...templateProperties,
    strip: {
      type: ['integer', 'null'],
      minimum: 0,
      description:
        'How many leading parts of the names in the patch are dropped (directories only); 0 unless given.',
    },
    options: {
      type: ['string', 'null'],
      description:
        'Options of patch(1): `-pN` (strip), `-FN` (fuzz), `-R` (reverse); `-u`, `-s`, `-t`, `-f` mean nothing.',
    },
  },
  required: ['source'],
  examples: [
    {
      title: 'a small change to a file of a package',
      sls: `unpatched:
  file.managed:
    - name: /etc/app.conf
    - contents: |
        one
        two
        three
    - replace: false

patched:
  file.patch:
    - name: /etc/app.conf
    - source: salt://app.patch
    - require:
      - file: unpatched
`,
      files: {
        'app.patch': '--- app.conf\n+++ app.conf\n@@ -1,3 +1,4 @@\n one\n two\n+two and a half\n three\n',
      },
    },
  ],
  async read(args, reader, place): Promise<Now> {
    const there = findFile(args.name, reader);
    const none = { targets: [], whole: false, fuzz: 2 };
    const texts = await textsOf({ ...args, template: args.template ?? null }, there.path, reader, place);
    if (texts === undefined)
      return { ...none, refusal: { refused: 'There is no patch.', hint: 'Give its source.', certain: true } };
    if ('refused' in texts) return { ...none, refusal: texts };
    if (there.stat === undefined) {
      return {
        ...none,
        refusal: { refused: `${there.path} does not exist.`, hint: 'Require the state that makes it.' },
      };
    }
    try {
      const options = optionsOf(args.options ?? '');
      const whole = there.stat.kind === 'directory';
      const patches = patchesIn(texts.join(''), options.strip ?? args.strip ?? 0, options.reverse);
      return { targets: targetsOf(patches, there, reader), whole, fuzz: options.fuzz };
    } catch (error) {
      if (!(error instanceof CannotEdit)) throw error;
      return { ...none, refusal: { refused: error.message, hint: error.hint } };
    }
  },
  plan(_, now): Plan {
    if (now.refusal !== undefined) return now.refusal;
    const steps: Step[] = [];
    for (const target of now.targets) {
      const next = stepsFor(target, now);
      if ('refused' in next) {
        return now.whole ? { ...next, refused: `${target.there.path}: ${next.refused}` } : next;
      }
      // Two new files may lie in one new directory.
      const made = (one: Step) =>
        one.effect.kind === 'directory' &&
        steps.some(
          ({ effect }) =>
            effect.kind === 'directory' && effect.path === (one.effect as { path: string }).path,
        );
      steps.push(...next.filter((one) => !made(one)));
    }
    return steps;
  },
});

function stepsFor({ there, patch, parents }: Target, now: Now): readonly Step[] | Refusal {
  if (there.stat === undefined && patch.new === undefined) return [];
  const directories = parents ? parentSteps(parents, true, {}) : [];
  if ('refused' in directories) return directories;
  const removes = now.whole && patch.new === undefined;
  const steps = editSteps({
    there,
    change: (text, own) => (text === '' && removes ? text : patched(text, own(patch.text), now.fuzz)),
    ...(patch.old !== undefined && {
      missing: { refused: 'The file does not exist.', hint: 'Check the names in the patch, and strip.' },
    }),
    raw: true,
    ...(now.whole && { subject: there.path }),
  });
  if ('refused' in steps) return steps;
  const [step] = steps;
  if (!removes) return [...directories, ...steps];
  if (step?.effect.kind === 'write' && step.effect.content.length > 0) {
    return { refused: 'The patch removes the file, but not all it holds.', hint: 'Make a new patch.' };
  }
  return [
    {
      change: { ...step?.change, subject: there.path, new: undefined },
      effect: { kind: 'remove', path: there.path },
    },
  ];
}

function targetsOf(patches: readonly FilePatch[], there: There, reader: Reader): Target[] {
  if (there.stat?.kind !== 'directory') {
    const [patch, more] = patches;
    if (more !== undefined) {
      throw new CannotEdit(
        'The patch is about several files, but a single file is named.',
        'Name the directory the files lie in, and set strip.',
      );
    }
    return [{ there, patch: { ...patch!, old: patch!.old ?? patch!.new, new: patch!.new ?? patch!.old } }];
  }
  const known = new Set<string>();
  const inside = `${reader.resolve(there.path)}/`;
  return patches.map((patch) => {
    const names = [patch.old, patch.new].filter((name) => name !== undefined);
    for (const name of names) {
      if (name.startsWith('/') || name.split('/').includes('..')) {
        throw new CannotEdit(
          `The patch names "${name}", which does not lie below ${there.path}.`,
          'Correct the patch.',
        );
      }
    }
    const found = names.map((name) => lookAt(join(there.path, name), reader, true));
    const target = found.find((one) => one.stat !== undefined) ?? found.at(-1);
    if (target === undefined) throw new CannotEdit('A part of the patch names no file.', 'Check strip.');
    if (!reader.resolve(target.path).startsWith(inside)) {
      throw new CannotEdit(`${target.path} leads out of ${there.path}.`, 'Name the file it leads to.');
    }
    if (known.has(target.path)) {
      throw new CannotEdit(`The patch is about ${target.path} twice.`, 'Join the two parts.');
    }
    known.add(target.path);
    return target.stat === undefined && patch.new !== undefined
      ? { there: target, patch, parents: parentsOf(target.path, reader) }
      : { there: target, patch };
  });
}

interface Options {
  readonly strip: number | undefined;
  readonly fuzz: number;
  readonly reverse: boolean;
}

function optionsOf(text: string): Options {
  let strip: number | undefined;
  let fuzz = 2;
  let reverse = false;
  const words = text.replace(/(^|\s)(-p|-F|--strip|--fuzz)\s+(\d+)/g, '$1$2$3').split(/\s+/);
  for (const word of words.filter((one) => one !== '')) {
    const number = /^(-p|-F|--strip=?|--fuzz=?)(\d+)$/.exec(word);
    if (number) {
      if (/p/.test(number[1]!)) strip = Number(number[2]);
      else fuzz = Number(number[2]);
    } else if (word === '-R' || word === '--reverse') reverse = true;
    else if (!/^(-[ustf]|--(unified|silent|quiet|batch|force))$/.test(word)) {
      throw new CannotEdit(`The option "${word}" of patch(1) is not supported.`, 'Use -pN, -FN or -R.');
    }
  }
  return { strip, fuzz, reverse };
}
