/** couchdb.design_document: a design document is this one. */
import { defineState, type Step } from '../../core/state.ts';
import { type Design, type Doc, designProperties, lookForDesign } from './_designs.ts';
import { isSame, sorted } from './_json.ts';
import { doing, settled, wrong } from './_server.ts';

export default defineState({
  summary: 'the CouchDB design document is this one',
  description: `
Compared as data without its revision, whatever the order of keys, and written only where it differs: views are built
anew then. Where several nodes wrote it at once there may be a conflict; revisions that lost are removed.`,
  properties: {
    ...designProperties,
    document: {
      type: 'object',
      description: 'All of it but `_id` and `_rev`: `views`, `validate_doc_update`, `indexes`…',
    },
  },
  required: ['database', 'document'],
  examples: [
    {
      title: 'a view',
      sls: `people:
  couchdb.design_document:
    - database: app_users
    - document:
        language: javascript
        views:
          by_email:
            map: |
              function (doc) {
                if (doc.email) emit(doc.email, null);
              }
            reduce: _count
`,
      pillar: { couchdb: { password: 'a-password' } },
    },
  ],
  read: lookForDesign,
  plan({ document }, now) {
    if ('refused' in now) return now;
    const stray = Object.keys(document).find(
      (key) => key === '_id' || key === '_rev' || key === '_conflicts',
    );
    if (stray !== undefined) return wrong(`A design document is told without "${stray}"`);
    const { doc } = now;
    const conflicts = Array.isArray(doc?.['_conflicts']) ? doc['_conflicts'].map(String) : [];
    const present = doc && contentOf(doc);
    const fits = isSame(present, document);
    const left: Doc = fits ? doc! : { ...document, _id: now.id, ...(doc ? { _rev: doc['_rev'] } : {}) };
    const { _conflicts, ...after } = left;
    return [...(fits ? [] : [writing(now, present, document, after)]), ...conflicts.map(removal)];

    /** After the last one there are none. */
    function removal(rev: string): Step {
      const { server, at, id } = now as Design;
      const effect = doing(server, {
        method: 'DELETE',
        at: `${at}?rev=${encodeURIComponent(rev)}`,
        success: [200, 202, 404, 409],
        settles: [settled(server, `${at}?conflicts=true`, after)],
      });
      return { change: { subject: `conflict ${rev} of ${id}`, old: rev }, effect };
    }
  },
});

function writing({ server, at, id, doc }: Design, present: Doc | undefined, document: Doc, after: Doc): Step {
  const body = { ...document, ...(doc ? { _rev: doc['_rev'] } : {}) };
  const effect = doing(server, {
    method: 'PUT',
    at,
    body,
    // 409: another node was faster; whether that wrote the same shows when it is looked at again.
    success: [201, 202, 409],
    settles: [settled(server, `${at}?conflicts=true`, after)],
  });
  const change = { subject: id, old: present && shown(present), new: shown(document), text: true };
  return { change, effect };
}

function contentOf({ _id, _rev, _conflicts, ...content }: Doc): Doc {
  return content;
}

function shown(doc: Doc): string {
  return `${JSON.stringify(sorted(doc), undefined, 2)}\n`;
}
