/** A host that tells what states take from elsewhere: sources, templates, folders of the file roots, values. */
import type { Host, NoSource, Rendered, Source, SourceEntry, TemplateRequest } from '../core/host.ts';
import { toPlain, type Value } from '../core/value.ts';

/** Told of each under its address; a rendered text takes the place of its template. */
export type OnInput = (url: string, content: Buffer | string | readonly SourceEntry[]) => void;

export function tellingInputs(host: Host, onInput: OnInput): Host {
  function told<T extends Source | NoSource>(url: string, found: T): T {
    if ('content' in found) onInput(url, found.content);
    return found;
  }
  function rendered({ source }: TemplateRequest, made: Rendered): Rendered {
    onInput(source.url, made.text);
    return made;
  }
  function valued(address: string, value: Value | undefined): Value | undefined {
    onInput(address, JSON.stringify(toPlain(value)));
    return value;
  }
  return {
    ...host,
    grain: (path) => valued(`grain:${path}`, host.grain(path)),
    pillar: (path) => valued(`pillar:${path}`, host.pillar(path)),
    source: (url) => told(url, host.source(url)),
    async fetch(url, hash) {
      const found = await host.fetch(url, hash);
      // What has to have a certain hash is known by that, whether it has to be fetched this time or not.
      return hash === undefined ? told(url, found) : found;
    },
    sourceTree(url) {
      const entries = host.sourceTree(url);
      if (entries) onInput(`${url}/`, entries);
      return entries;
    },
    render(request) {
      const made = host.render(request);
      return made instanceof Promise ? made.then((text) => rendered(request, text)) : rendered(request, made);
    },
  };
}
