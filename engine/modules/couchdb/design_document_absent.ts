/** couchdb.design_document_absent: there is no such design document. */
import { defineState } from '../../core/state.ts';
import { designProperties, lookForDesign } from './_designs.ts';
import { doing, settledGone } from './_server.ts';

export default defineState({
  summary: 'there is no such CouchDB design document',
  properties: designProperties,
  required: ['database'],
  examples: [
    {
      title: 'views that are used no more',
      sls: `old_people:
  couchdb.design_document_absent:
    - database: app_users
`,
      pillar: { couchdb: { password: 'a-password' } },
    },
  ],
  read: lookForDesign,
  plan(_args, now) {
    if ('refused' in now) return now;
    const { server, at, id, doc } = now;
    if (doc === undefined) return [];
    const conflicts = Array.isArray(doc['_conflicts']) ? doc['_conflicts'].map(String) : [];
    // Those that lost first: without the winner one of them would take its place.
    return [...conflicts, String(doc['_rev'])].map((rev, index, all) => ({
      change:
        index === all.length - 1
          ? { subject: id, old: 'design document' }
          : { subject: `conflict ${rev} of ${id}`, old: rev },
      effect: doing(server, {
        method: 'DELETE',
        at: `${at}?rev=${encodeURIComponent(rev)}`,
        success: [200, 202, 404, 409],
        settles: [settledGone(server, at, 'deleted')],
      }),
    }));
  },
});
