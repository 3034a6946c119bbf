/** http.query: a web server answers as it should, asked once. */
import { defineState } from '../../core/state.ts';
import { queryProperties, readQuery } from './_query.ts';
import { planWait } from './_wait.ts';

export default defineState({
  summary: 'the web server answers as wanted',
  description: `Asks once, unless \`wait_for\` says for how long to ask again and again. It changes nothing of this machine, so
it is a guard for other states to require. Redirections are followed; a password is not taken along to another server.

Unlike Salt: http.query asks in a dry run too, where asking changes nothing; what does not answer yet is unknown until applied.

Unlike Salt: http.query needs neither \`match\` nor \`status\`: any status below 400 is an answer then, and with \`match\`
alone an error page is none.

Unlike Salt: http.query trusts the certificates this machine trusts, and checks them unless \`verify_ssl\` is false.`,
  properties: {
    ...queryProperties,
    wait_for: {
      type: ['number', 'null'],
      minimum: 0,
      maximum: 604_800,
      description: 'Seconds to wait for the answer. Unless given it is asked once.',
    },
  },
  examples: [
    {
      title: 'an answer that holds a text',
      sls: `the application is well:
  http.query:
    - name: http://127.0.0.1:8080/health
    - status: 200
    - match: '"state": "up"'
`,
    },
    {
      title: 'a server inside, with a login and an authority of its own',
      sls: `https://127.0.0.1:6984/_up:
  http.query:
    - username: admin
    - password: secret
    - verify_ssl: false
    - status:
      - 200
      - 404
`,
    },
  ],
  read: readQuery,
  plan: (args, now) => planWait(args, now, args.wait_for ?? 0),
});
