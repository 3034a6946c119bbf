/** Subversion is not supported: its states say so, and what to do instead. */
import type { Refusal } from '../../core/state.ts';

export const properties = {
  name: { type: 'string', minLength: 1, description: 'Address of the repository.' },
  target: { type: 'string', description: 'Where Salt would put it.' },
  rev: { type: ['string', 'integer'], description: 'Revision.' },
  user: { type: ['string', 'integer'], description: 'User that Salt would run svn as.' },
  username: { type: 'string', description: 'User name for the repository.' },
  password: { type: 'string', description: 'Password for the repository; it is not used.' },
  force: { type: 'boolean', default: false, description: 'Go on in spite of what is there.' },
  externals: { type: 'boolean', default: true, description: 'With external definitions.' },
  trust: { type: 'boolean', default: false, description: 'Accept any certificate.' },
  trust_failures: { type: ['string', 'array'], description: 'Faults of certificates to accept.' },
} as const;

export const description = `The state exists so that a Salt tree compiles: it always fails, in a dry run too.

Unlike Salt: the svn states are not supported. Keep the repository in git (\`git svn clone\` brings its history along) and use git.latest, or pack a release and use archive.extracted.`;

export const refusal: Refusal = {
  refused: 'Subversion is not supported.',
  hint: 'Keep the repository in git and use git.latest, or pack a release and use archive.extracted.',
  certain: true,
};
