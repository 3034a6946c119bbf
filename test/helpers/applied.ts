/** A run that succeeds, and its name in the history. */
import type { Place } from './place.ts';

export async function applied(here: Place, ...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await here.run(...words);
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return (await runsOf(here)).at(-1)!;
}

/** The oldest first. */
export async function runsOf(here: Place): Promise<string[]> {
  const { stdout } = await here.run('history', '--json');
  return (JSON.parse(stdout) as { run: string }[]).map(({ run }) => run);
}
