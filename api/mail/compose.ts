/** Makes mails of the templates: text and HTML of the same. */
import { join } from 'node:path';
import nunjucks from 'nunjucks';

export interface Mail {
  readonly kind: keyof typeof links | 'changed-email' | 'changed-password';
  readonly to: string;
  readonly name: string;
  readonly token?: string;
}

export interface Composed {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Pages of the site. What stands behind `#` is sent to no server. */
const links = { registration: '/confirm/user', email: '/confirm/email', password: '/password/reset' };

const loader = new nunjucks.FileSystemLoader(join(import.meta.dirname, 'templates'));
const options = { throwOnUndefined: true, trimBlocks: true, lstripBlocks: true };
const plain = new nunjucks.Environment(loader, { ...options, autoescape: false });
const marked = new nunjucks.Environment(loader, { ...options, autoescape: true });

/** The first line of a text template is the subject. */
export function compose({ kind, name, token }: Mail, url: string): Composed {
  const page = (links as { [kind: string]: string })[kind];
  const context = { name, url, host: new URL(url).host, link: page ? `${url}${page}#${token}` : '' };
  const [subject = '', ...lines] = plain.render(`${kind}.txt`, context).split('\n');
  const html = marked.render(`${kind}.html`, { ...context, subject });
  return { subject, text: lines.join('\n').trim().concat('\n'), html };
}
