/** Has logrotate look at a configuration before it is put in place. */
import type { Reader } from '../../core/host.ts';

/**
 * Only what it says of lines of the file itself counts: logs that are not there, and other files that are included,
 * are no matter of the edit. Word: name of the file. The text comes on stdin.
 */
const script = `
dir=$(mktemp -d) || exit 0
trap 'rm -rf "$dir"' EXIT
cat > "$dir/$1" || exit 0
logrotate --debug --state "$dir/state" "$dir/$1" 2>&1 | grep -F "$dir/$1:" | sed "s,$dir/,,"
`;

export function verifyArgv(name: string): string[] {
  return ['/bin/sh', '-c', script, 'sh', name];
}

/** What is wrong with it, a line each; empty where logrotate is content or not there. */
export async function complaints(text: Buffer, name: string, reader: Reader): Promise<string[]> {
  const there = ['/usr/sbin/logrotate', '/sbin/logrotate', '/usr/bin/logrotate'].some((at) =>
    reader.stat(at),
  );
  if (reader.rooted || !there) return [];
  const { stdout } = await reader.probe({ argv: verifyArgv(name), stdin: text, timeout: 60 });
  return stdout.split('\n').filter((line) => line.startsWith('error: '));
}
