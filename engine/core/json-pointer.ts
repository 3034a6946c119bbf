/** JSON pointers (RFC 6901). */

/** The steps of one; what stands before its first slash is left out. */
export function stepsOf(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}
