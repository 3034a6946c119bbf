/** Names of units of systemd as users write them, made whole. */

/** As systemctl(1): a name without a type means a service. */
export function unitName(name: string): string {
  return /\.(service|socket|target|timer|path|mount|automount|swap|slice|scope|device)$/.test(name)
    ? name
    : `${name}.service`;
}
