/** Has systemd look at a unit file before it is put in place. */
import type { Outcome, Reader } from '../../core/host.ts';
import { pathOf } from './_name.ts';

export interface Verdict {
  /** What systemd would ignore or refuse: the unit is not what was meant. */
  readonly errors: readonly string[];
  /** What it puts up with for now: a program or another unit that is not there. */
  readonly warnings: readonly string[];
}

/**
 * Words: name of the unit, name of the drop-in or '', and how many bytes of stdin are the unit the drop-in is for; what
 * follows is the text. All goes to a folder of its own, which comes first where systemd looks for units. systemd
 * before 250 does not know --recursive-errors.
 */
const script = `
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
if [ "$3" -gt 0 ]; then head -c "$3" > "$dir/$1" || exit 99; fi
if [ -n "$2" ]; then mkdir "$dir/$1.d" && cat > "$dir/$1.d/$2"; else cat > "$dir/$1"; fi || exit 99
export SYSTEMD_LOG_TARGET=console SYSTEMD_LOG_COLOR=0 SYSTEMD_LOG_LEVEL=info SYSTEMD_UNIT_PATH="$dir:"
said=$(systemd-analyze verify --man=no --recursive-errors=no "$1" 2>&1)
status=$?
case $said in
  *"unrecognized option"*) said=$(systemd-analyze verify --man=no "$1" 2>&1); status=$? ;;
esac
printf '%s\\n%s\\n' "$dir" "$said"
exit $status
`;

export function verifyArgv(unit: string, file: string, bytes = 0): string[] {
  return ['/bin/sh', '-c', script, 'sh', unit, file, String(bytes)];
}

/** Below a root, and where there is no systemd-analyze, everything passes. */
export async function verify(
  text: string,
  { unit, dropin }: { unit: string; dropin?: string },
  reader: Reader,
): Promise<Verdict> {
  const there = ['/usr/bin/systemd-analyze', '/bin/systemd-analyze'].some((at) => reader.stat(at));
  if (reader.rooted || !there) return { errors: [], warnings: [] };
  // An earlier state of a dry run may have made the unit: then it is nowhere else.
  const main = dropin === undefined ? undefined : reader.content(pathOf(unit, undefined));
  const argv = verifyArgv(unit, dropin ?? '', main?.length);
  const stdin = main === undefined ? text : Buffer.concat([main, Buffer.from(text)]);
  return verdictOf(await reader.probe({ argv, stdin, timeout: 60 }));
}

export function verdictOf({ status, stdout }: Outcome): Verdict {
  const [folder, ...lines] = stdout.split('\n');
  const errors: string[] = [];
  const warnings: string[] = [];
  for (const line of lines.map((one) => one.trim()).filter(Boolean)) {
    const place = folder && line.startsWith(`${folder}/`) ? /^[^:]*:(\d+): (.*)$/.exec(line) : null;
    if (place) errors.push(`line ${place[1]}: ${place[2]}`);
    else if (/ Refusing\.?$/.test(line)) errors.push(line);
    else if (status !== 0 && !/ has a bad unit file setting\.$/.test(line)) warnings.push(line);
  }
  return { errors, warnings };
}
