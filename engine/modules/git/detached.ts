/** git.detached: a clone whose HEAD is a commit and no branch. */
import { ownedPath } from '../../core/owned.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState } from '../../core/state.ts';
import { accessProperties, judge } from './_access.ts';
import { type Goal, look } from './_look.ts';
import { plan } from './_plan.ts';
import { cloneProperties } from './_target.ts';

const properties = {
  ...cloneProperties,
  rev: { type: 'string', description: 'Branch of the remote, tag or commit to check out.' },
  ...accessProperties,
  force_checkout: {
    type: 'boolean',
    default: false,
    description: 'Drop uncommitted changes where another commit is checked out.',
  },
  fetch_remote: {
    type: 'boolean',
    default: true,
    description: 'false: an existing clone is not fetched; `rev` has to be in it already.',
  },
  hard_reset: {
    type: 'boolean',
    default: false,
    description: 'Drop uncommitted changes, even where nothing else is to be done.',
  },
} as const;

type Arguments = ArgumentsOf<typeof properties, 'rev'> & Common & { readonly target: string };

function goalOf(args: Arguments): Goal {
  return {
    ...args,
    detached: true,
    bare: false,
    mirror: false,
    fetchTags: true,
    refspecBranch: '*',
    refspecTag: '*',
    updateHead: true,
    fetch: args.fetch_remote,
    forceClone: args.force_clone,
    forceCheckout: args.force_checkout,
    forceFetch: false,
    forceReset: args.hard_reset,
  };
}

export default defineState({
  summary: 'the clone has this commit checked out, on no branch',
  description: 'As git.latest, but without a local branch. A branch as `rev` means its newest commit.',
  properties,
  required: ['rev', 'target'],
  examples: [
    {
      title: 'a certain commit',
      sls: `https://git.example.com/shop.git:
  git.detached:
    - rev: 5f3c9a1e8d2b7c4f6a0e9d8c7b6a5f4e3d2c1b0a
    - target: /srv/shop
`,
    },
  ],
  owns: ({ target }) => ownedPath('tree', target),
  read: (args, reader) => look(goalOf(args as Arguments), reader),
  plan: (args, now) => plan(goalOf(args as Arguments), now),
  judge,
});
