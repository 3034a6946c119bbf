/** http.wait_for_successful_query: a web server answers as it should, sooner or later. */
import { defineState } from '../../core/state.ts';
import { queryProperties, readQuery } from './_query.ts';
import { planWait } from './_wait.ts';

export default defineState({
  summary: 'the web server has come to answer as wanted',
  description: `Asks again and again until the answer is as wanted, or \`wait_for\` seconds are over. States that need the
server require it. It changes nothing, and where the server answers at once it takes one request.

Unlike Salt: http.wait_for_successful_query does not wait in a dry run: it asks once, and what does not answer yet is
unknown until applied. A wait that is over fails.

Unlike Salt: http.wait_for_successful_query pauses a second between two requests unless told otherwise, and longer
each time with \`backoff\`; Salt asks again at once.`,
  properties: {
    ...queryProperties,
    wait_for: {
      type: 'number',
      minimum: 0,
      maximum: 604_800,
      default: 300,
      description: 'Seconds after which it has failed.',
    },
  },
  examples: [
    {
      title: 'a service that takes its time to start',
      sls: `http://127.0.0.1:8080/health:
  http.wait_for_successful_query:
    - status: 200
    - wait_for: 60
`,
    },
    {
      title: 'longer and longer pauses, and any status of success',
      sls: `the cluster has settled:
  http.wait_for_successful_query:
    - name: http://127.0.0.1:5984/_up
    - status: '2..'
    - status_type: pcre
    - match: ok
    - wait_for: 600
    - request_interval: 0.5
    - backoff: 1.5
    - max_interval: 15
`,
    },
  ],
  read: readQuery,
  plan: (args, now) => planWait(args, now, args.wait_for),
});
