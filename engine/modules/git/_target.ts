/** Arguments that say where a clone goes. */

export const targetProperty = {
  type: 'string',
  minLength: 1,
  description: 'Absolute path of the clone. Folders above it are made where they are missing.',
} as const;

export const cloneProperties = {
  name: {
    type: 'string',
    minLength: 1,
    description:
      'Address of the remote repository: https, ssh (`user@host:path` too), git, file, or an absolute path.',
  },
  target: targetProperty,
  remote: { type: 'string', default: 'origin', description: 'Name of the remote in the clone.' },
  submodules: {
    type: 'boolean',
    default: false,
    description: 'Fetch and check out submodules, also those within them.',
  },
  force_clone: {
    type: 'boolean',
    default: false,
    description: 'Remove what is at `target` where that is no git repository. Otherwise that is a failure.',
  },
} as const;
