/** git.cloned: a clone is there; what it holds is left alone. */
import { ownedPath } from '../../core/owned.ts';
import { defineState } from '../../core/state.ts';
import { type Access, accessOf, accessProperties, judge, type Remote, remoteOf } from './_access.ts';
import { cloneSteps, gitEffect } from './_clone.ts';
import { refuseFound, type Site, siteOf } from './_look.ts';
import { refuseRev, shownCommit, type Wanted, wantedOf } from './_remote.ts';
import { settledHead } from './_settled.ts';
import { targetProperty } from './_target.ts';

interface Now {
  readonly site: Site;
  readonly remote: Remote;
  readonly access: Access;
  /** Where there is no clone yet. */
  readonly wanted?: Wanted;
}

export default defineState({
  summary: 'a clone is there, on this branch',
  description: `Clones once. An existing clone is not fetched: git.latest keeps one up to date. Whether it is there, and on
the branch, is read from its files: where nothing is to be done no git runs.`,
  properties: {
    name: { type: 'string', minLength: 1, description: 'Address of the remote repository.' },
    target: targetProperty,
    branch: {
      type: 'string',
      description:
        'Branch of the remote to check out, under the same name; the default branch unless given. In an existing clone it is checked out where another one is.',
    },
    ...accessProperties,
  },
  required: ['target'],
  examples: [
    {
      title: 'a working copy that people change by hand',
      sls: `https://git.example.com/notes.git:
  git.cloned:
    - target: /srv/notes
    - branch: main
    - user: deploy
`,
    },
  ],
  owns: ({ target }) => ownedPath('tree', target),
  async read(args, reader) {
    const wrong = args.branch === undefined ? undefined : refuseRev(args.branch, 'branch');
    if (wrong) return wrong;
    const remote = remoteOf(args.name, args);
    if ('refused' in remote) return remote;
    const site = siteOf(args.target, reader);
    if ('refused' in site) return site;
    const refusal = refuseFound(site, false, false);
    if (refusal) return refusal;
    const { found } = site;
    const owner =
      found.kind === 'repository'
        ? found.repository
        : found.kind === 'empty' && args.user === undefined
          ? found.stat
          : undefined;
    const access = accessOf(args, remote, owner, reader);
    if ('refused' in access) return access;
    const now: Now = { site, remote, access };
    if (found.kind === 'repository') return now;
    const wanted = await wantedOf(args.branch ?? 'HEAD', remote, access, reader);
    return 'refused' in wanted ? wanted : { ...now, wanted };
  },
  plan(args, now) {
    if ('refused' in now) return now;
    const { site, remote, access, wanted } = now;
    const { found, path } = site;
    if (found.kind !== 'repository') {
      const goal = {
        ...{ rev: args.branch ?? 'HEAD', remote: 'origin', submodules: false, bare: false },
        ...{ mirror: false, fetchTags: true, depth: undefined },
      };
      const branch = wanted!.kind === 'branch' ? wanted!.branch : undefined;
      const change = { subject: 'revision', new: shownCommit(wanted!) };
      return cloneSteps(goal, site, remote, access, { wanted: wanted!, branch }, change);
    }
    const { repository } = found;
    const { branch } = args;
    if (branch === undefined || repository.branch === branch) {
      return { steps: [], comment: `Repository already exists at ${path}` };
    }
    const { refs } = repository;
    const commit = refs.get(`refs/heads/${branch}`) ?? refs.get(`refs/remotes/origin/${branch}`);
    if (commit === undefined) {
      return {
        refused: `The clone ${path} has no branch "${branch}".`,
        hint: 'It is not fetched by git.cloned; use git.latest.',
      };
    }
    const settles = settledHead(repository, { branch, commit }, access);
    return [
      {
        change: { subject: 'branch', old: repository.branch, new: branch },
        effect: gitEffect(['checkout', '--quiet', branch, '--'], access, path, settles),
      },
    ];
  },
  judge,
});
