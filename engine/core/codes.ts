/** Every diagnostic code. Codes are permanent: they may be retired, never renamed or reused. */

/** code → what it means, as a sentence for the reference page of errors. */
export const codes = {
  // reading files
  'file-not-found': 'A file that was named does not exist in the file roots.',
  'file-unreadable': 'A file exists but cannot be read.',
  'not-utf8': 'A state, pillar or template file is not valid UTF-8.',
  'bad-configuration': 'The configuration file is malformed or holds an unknown setting.',
  'secret-exposed': 'A file with secrets can be read or replaced by others.',
  'secret-unreadable': 'An encrypted value or file of the pillar cannot be decrypted.',
  'secret-file': 'A file with secrets is malformed.',
  'bad-recipient': 'A public key for which secrets are to be encrypted is malformed.',
  'no-identity': 'There is no identity to decrypt the secrets of the pillar with.',
  'no-lock': 'The lock that keeps two runs apart cannot be taken.',
  locked: 'Another run holds the lock.',
  unconfirmed: 'An earlier run waits to be confirmed, or was taken back.',
  'unknown-run': 'The history holds no run of that name.',
  'nothing-kept': 'Nothing is kept of what is to be put back.',
  'changed-since': 'What is to be put back was changed by something else since.',
  'bad-plan': 'A saved plan cannot be read, or cannot be made.',
  'stale-plan': 'A saved plan is not what would happen now.',
  'unknown-renderer': 'The renderer line names a renderer that is not supported.',
  // templates
  'template-syntax': 'A template is malformed.',
  'template-undefined': 'A template uses a variable, key or attribute that does not exist.',
  'template-error': 'An expression of a template failed.',
  'template-not-found': 'A template includes or imports a file that does not exist.',
  'unknown-filter': 'A template uses a filter or test that does not exist.',
  'unknown-salt-function': 'A template calls a Salt function that does not exist here.',
  // YAML
  'yaml-syntax': 'The rendered text is not valid YAML.',
  'duplicate-key': 'A mapping holds the same key twice.',
  'ambiguous-scalar': 'A plain scalar means something else than it looks like.',
  // top file
  'no-top-file': 'There is no top file, so a highstate has nothing to apply.',
  'no-top-match': 'No target of the top file matches this node.',
  'bad-top-file': 'The top file is malformed.',
  'unknown-environment': 'Another environment than base is named.',
  'bad-target': 'A target expression cannot be understood.',
  // SLS
  'sls-not-found': 'An SLS that was named does not exist.',
  'bad-sls': 'An SLS file is not a mapping of IDs.',
  'bad-include': 'An include is malformed.',
  'bad-exclude': 'An exclude is malformed.',
  'bad-extend': 'An extend is malformed.',
  'bad-confirm': 'A probe of a `confirm` section is malformed.',
  'extend-unknown': 'An extend names an ID that is not declared.',
  'duplicate-id': 'An ID is declared twice.',
  'bad-id': 'An ID is not text.',
  'bad-declaration': 'A state declaration is malformed.',
  'unknown-state': 'There is no such state.',
  'unknown-argument': 'The state has no such argument.',
  'missing-argument': 'A required argument is missing.',
  'bad-argument': 'An argument has the wrong kind of value.',
  // requisites and order
  'bad-requisite': 'A requisite is malformed.',
  'requisite-not-found': 'A requisite names a state that is not declared.',
  'requisite-cycle': 'States require each other in a circle.',
  // pillar
  'bad-pillar': 'A pillar file is not a mapping.',
  'pillar-not-found': 'A pillar file that was named does not exist.',
  'no-pillar': 'The pillar of this node has nothing for a state tree that needs it.',
  'missing-pillar-key': 'The pillar lacks a key that a state tree needs.',
  'unknown-pillar-key': 'The pillar has a key that its state tree does not know.',
  'bad-pillar-value': 'A value of the pillar is not what its state tree takes.',
  'bad-pillar-schema': 'The `pillar.schema.json` of a state tree is malformed.',
  // grains
  'bad-grains': 'A grains file is malformed.',
  // running
  'check-failed': 'A validator (`check_cmd`) refused new content; nothing was replaced.',
  'did-not-settle': 'Everything was done, yet the state still does not hold.',
} as const;

export type Code = keyof typeof codes;
