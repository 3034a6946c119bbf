/** file.decode: a file from base64 text. */

import { createHash, getHashes } from 'node:crypto';
import { ownedPath } from '../../core/owned.ts';
import { defineState } from '../../core/state.ts';
import { keyText } from '../../core/value.ts';
import { parentSteps, parentsOf } from './_parents.ts';
import { lookAt, notAFile, pathOf } from './_path.ts';

export default defineState({
  summary: 'the file holds the bytes that this text encodes',
  description: `
For small binary files that have to travel in the tree or in the pillar. The report shows checksums, never content.

Salt: owner and mode of the file are left alone; a new file follows the umask.`,
  properties: {
    encoded_data: {
      type: ['string', 'null'],
      description: 'The bytes as base64; blanks and line ends in it mean nothing.',
    },
    contents_pillar: {
      type: ['string', 'null'],
      description: 'Pillar path of that text, instead of `encoded_data`.',
    },
    encoding_type: {
      type: 'string',
      enum: ['base64'],
      default: 'base64',
      description: 'How the bytes are encoded; `base64` is the one way there is.',
    },
    checksum: {
      type: 'string',
      default: 'md5',
      description: 'The hash that the report shows of old and new content: md5, sha1, sha256, sha512…',
    },
  },
  examples: [
    {
      title: 'a small file in the tree itself',
      sls: `/etc/app/icon.gif:
  file.decode:
    - encoded_data: |
        R0lGODlhAQABAIAAAP///wAAACwAAAAAAQABAAACAkQBADs=
    - checksum: sha256
    - require:
      - file: /etc/app

/etc/app:
  file.directory
`,
    },
    {
      title: 'a keytab from the pillar',
      sls: `/etc/krb5.keytab:
  file.decode:
    - contents_pillar: kerberos:keytab
`,
      pillar: { kerberos: { keytab: 'BQIAAAA=' } },
    },
  ],
  owns: ({ name }) => ownedPath('file', name),
  read(args, reader) {
    const there = lookAt(pathOf(args.name, reader), reader, true);
    return {
      there,
      pillar: args.contents_pillar ? reader.pillar(args.contents_pillar) : undefined,
      parents: there.stat === undefined ? parentsOf(there.path, reader) : undefined,
    };
  },
  plan(args, now) {
    const { there } = now;
    if (Boolean(args.encoded_data) === Boolean(args.contents_pillar)) {
      return { refused: 'Exactly one of encoded_data and contents_pillar has to be given.', certain: true };
    }
    if (args.contents_pillar && now.pillar === undefined) {
      return { refused: `There is no pillar value "${args.contents_pillar}".`, certain: true };
    }
    const text = (args.encoded_data || keyText(now.pillar)).replace(/\s+/g, '');
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) {
      return {
        refused: 'The text is not base64.',
        hint: 'Encode the file with base64(1), and paste all of it.',
        certain: true,
      };
    }
    const algorithm = args.checksum.toLowerCase().replace('-', '');
    if (!getHashes().includes(algorithm)) {
      return {
        refused: `There is no checksum "${args.checksum}".`,
        hint: 'Use md5, sha1, sha256 or sha512.',
        certain: true,
      };
    }
    const wrong = notAFile(there) ?? (now.parents && parentSteps(now.parents, false, {}));
    if (wrong !== undefined && 'refused' in wrong) return wrong;
    const content = Buffer.from(text, 'base64');
    if (there.content?.equals(content)) return [];
    const sum = (bytes: Buffer) => `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
    return [
      {
        change: { subject: 'content', ...(there.content && { old: sum(there.content) }), new: sum(content) },
        effect: {
          kind: 'write',
          path: there.path,
          content,
          ...(there.stat && { user: there.stat.uid, group: there.stat.gid, mode: there.stat.mode }),
          ...(there.through && { follow: true }),
        },
      },
    ];
  },
});
