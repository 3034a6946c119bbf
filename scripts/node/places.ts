/** Where things of a node lie. With CONVERGE_PREFIX they lie below another folder, as tests need it. */
const prefix = process.env['CONVERGE_PREFIX'] ?? '';

export const home = `${prefix}/opt/converge`;
export const tree = `${home}/tree`;
export const nextTree = `${home}/tree.next`;
export const current = `${home}/current`;
export const settingsFolder = `${prefix}/etc/converge`;
export const settingsFile = `${settingsFolder}/converge.yaml`;
/** Pillar of this node alone: what it was told, and the secrets in it apart. */
export const toldFolder = `${settingsFolder}/settings`;
export const secretsFolder = `${settingsFolder}/pillar`;
/** There while the node has left the cluster, and is paused for that. */
export const leftFile = `${settingsFolder}/decommissioned`;
export const stateFolder = `${prefix}/var/lib/converge`;
export const cacheFolder = `${prefix}/var/cache/converge`;
/** In memory, for root only. */
export const runFolder = `${prefix}/run`;
export const isSandbox = prefix !== '';

/** The tree that these scripts were started from: the next one, during an update. */
export const ownTree = process.env['CONVERGE_TREE'] ?? tree;
