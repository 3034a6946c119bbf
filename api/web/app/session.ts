/** Who is signed in on this page. */
import { call, setToken, whenSessionEnds } from './call.ts';

export interface Session {
  readonly name: string;
  readonly token: string;
  /** Seconds after the last request. */
  readonly expires: number;
}

let session: Session | undefined;
let onChange = (_hasEnded: boolean): void => {};

/** Told when somebody has signed in or out, and when a session has ended by itself. */
export function watchSession(act: (hasEnded: boolean) => void): void {
  onChange = act;
  whenSessionEnds(() => {
    if (session === undefined) return;
    set(undefined);
    act(true);
  });
}

export function userName(): string | undefined {
  return session?.name;
}

function set(found: Session | undefined): void {
  session = found;
  setToken(found?.token ?? '');
}

export function begin(found: Session): void {
  set(found);
  onChange(false);
}

/** Asks the cluster, which knows by the cookies. */
export async function resume(): Promise<void> {
  const found = await call<Session | { name: null }>('GET', '/sessions/');
  set(found.name === null ? undefined : (found as Session));
}

export async function signIn(name: string, password: string): Promise<void> {
  begin(await call<Session>('POST', '/sessions/', { name, password }));
}

export async function signOut(): Promise<void> {
  await call('DELETE', '/sessions/');
  end();
}

/** The cookies are gone already. */
export function end(): void {
  set(undefined);
  onChange(false);
}
