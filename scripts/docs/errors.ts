/** The reference page of errors, from the list of codes. */
import { codes } from '../../engine/core/codes.ts';
import { page, table } from './page.ts';

export function errorsPage(): string {
  return page('Errors', 'engine/core/codes.ts', [
    'Everything that is wrong with states, pillar and templates is found before anything is touched, and reported all at once with exit code 3. An error shows its code, the place in the file you wrote, and what to do:',
    '',
    '```',
    'error[unknown-argument] states/web/haproxy.yaml:12:7',
    '  file.managed has no argument "sorce".',
    '    11 |     - name: /etc/haproxy/haproxy.cfg',
    '    12 |     - sorce: haproxy/haproxy.cfg',
    '       |       ^^^^^',
    '  Did you mean "source"?',
    '```',
    '',
    'Codes are permanent: they are never renamed, and never used for anything else. With `--json` the same errors are data: see [json.md](json.md).',
    '',
    ...table(
      ['Code', 'Meaning'],
      Object.entries(codes).map(([code, meaning]) => [`\`${code}\``, meaning]),
    ),
  ]);
}
