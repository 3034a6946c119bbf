/** Writes XML 1.0 that every parser takes, whatever bytes are in the texts. */
import { visible } from './visible.ts';

export type Attributes = { readonly [name: string]: string | number | undefined };

/** Names of elements and attributes are ours; `content` is XML already. Empty elements close themselves. */
export function element(name: string, attributes: Attributes, content: readonly string[] = []): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${attribute(String(value))}"`)
    .join('');
  return content.length === 0
    ? `<${name}${written}/>\n`
    : `<${name}${written}>${content.join('')}</${name}>\n`;
}

/** XML of a text; what XML cannot hold (https://www.w3.org/TR/xml/#charsets) is shown as an escape. */
export function xmlText(text: string): string {
  return visible(text)
    .replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** In attributes parsers turn white space into blanks unless it is written as a reference. */
function attribute(text: string): string {
  return xmlText(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}
