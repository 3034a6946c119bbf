/** git.latest: a clone that is at the newest commit of a branch, or at a tag or commit. */
import { ownedPath } from '../../core/owned.ts';
import type { ArgumentsOf } from '../../core/schema.ts';
import { type Common, defineState } from '../../core/state.ts';
import { accessProperties, judge } from './_access.ts';
import { type Goal, look } from './_look.ts';
import { plan } from './_plan.ts';
import { cloneProperties } from './_target.ts';

const properties = {
  ...cloneProperties,
  rev: {
    type: 'string',
    default: 'HEAD',
    description:
      'Branch, tag or commit to check out; HEAD is the default branch of the remote. A commit may be shortened to 7 digits.',
  },
  branch: {
    type: 'string',
    description:
      'Local branch to be on. Unless given, the one of the name of `rev`; none (a detached HEAD) where `rev` is a tag or a commit.',
  },
  ...accessProperties,
  update_head: {
    type: 'boolean',
    default: true,
    description: 'false: fetch what `rev` stands for, but leave the checked out commit of an existing clone.',
  },
  force_checkout: {
    type: 'boolean',
    default: false,
    description: 'Drop uncommitted changes where another branch is checked out.',
  },
  force_fetch: {
    type: 'boolean',
    default: false,
    description: 'Ask the remote for a tag even if it is checked out, and follow tags that were moved.',
  },
  force_reset: {
    type: ['boolean', 'string'],
    enum: [true, false, 'remote-changes'],
    default: false,
    description:
      'Drop local commits and uncommitted changes that are in the way. `true` drops uncommitted changes even where nothing else is to be done, `remote-changes` does not.',
  },
  bare: { type: 'boolean', default: false, description: 'Clone without a work tree.' },
  mirror: {
    type: 'boolean',
    default: false,
    description: 'A bare clone that has exactly the refs of the remote.',
  },
  fetch_tags: { type: 'boolean', default: true, description: 'Fetch all tags.' },
  sync_tags: {
    type: 'boolean',
    default: true,
    description: 'Accepted for Salt trees: tags that the remote lost stay in the clone.',
  },
  depth: {
    type: 'integer',
    minimum: 1,
    description: 'How many commits of the history to fetch; all unless given.',
  },
  refspec_branch: {
    type: 'string',
    default: '*',
    description: 'Branches to fetch, as a name that may hold one `*`; the branch of `rev` always is.',
  },
  refspec_tag: {
    type: 'string',
    default: '*',
    description: 'Tags to fetch, as a name that may hold one `*`.',
  },
} as const;

type Arguments = ArgumentsOf<typeof properties> & Common & { readonly target: string };

function goalOf(args: Arguments): Goal {
  return {
    ...args,
    detached: false,
    fetchTags: args.fetch_tags,
    refspecBranch: args.refspec_branch,
    refspecTag: args.refspec_tag,
    updateHead: args.update_head,
    fetch: true,
    forceClone: args.force_clone,
    forceCheckout: args.force_checkout,
    forceFetch: args.force_fetch,
    forceReset: args.force_reset as Goal['forceReset'],
  };
}

export default defineState({
  summary: 'the clone is at the newest commit of this branch, or at this tag or commit',
  description: `A clone is made beside its place and moved there when it is whole. An update that was cut off is
finished by the next run. Nothing that was never committed, and no local commit, is lost without a \`force_\` argument.

What is checked out is read from the files of the repository. One \`git ls-remote\` per repository and run asks for
what the remote has; none where \`rev\` is a whole commit, or a tag that is checked out.

git runs as the owner of the repository, so that its hooks and its configuration have no more rights than its owner.

Unlike Salt: git.latest checks out a local branch of the name of \`rev\`, and a tag or commit without any branch, unless \`branch\` is given; Salt moves whatever branch is checked out there.

Unlike Salt: git.latest names a remote that has no commit yet a failure.`,
  properties,
  required: ['target'],
  examples: [
    {
      title: 'the main branch of an application, for its own user',
      sls: `https://git.example.com/shop.git:
  git.latest:
    - target: /srv/shop
    - rev: main
    - user: deploy
`,
    },
    {
      title: 'a release by ssh with a key of its own',
      sls: `git@git.example.com:shop.git:
  git.latest:
    - target: /srv/shop
    - rev: v1.4.2
    - identity: /etc/deploy/id_ed25519
    - submodules: true
`,
    },
    {
      title: 'whatever the remote has, for a private remote whose token is in the pillar',
      sls: `https://git.example.com/rules.git:
  git.latest:
    - target: /srv/rules
    - force_reset: true
    - depth: 1
    - https_user: deploy
    - https_pass: {{ pillar.git.token }}
`,
      pillar: { git: { token: 'opensesame' } },
    },
  ],
  owns: ({ target }) => ownedPath('tree', target),
  read: (args, reader) => look(goalOf(args), reader),
  plan: (args, now) => plan(goalOf(args), now),
  judge,
});
