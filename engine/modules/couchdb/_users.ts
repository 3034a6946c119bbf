/** What the states of users share: where a user's document is, and how the administrator is told from the user. */
import { path, type ServerArguments, serverProperties } from './_server.ts';

export type Doc = { readonly [key: string]: unknown };

export const userProperties = {
  url: serverProperties.url,
  admin_name: serverProperties.username,
  admin_password: {
    ...serverProperties.password,
    description:
      'The password of the administrator; never shown. Unless given, the pillar value `couchdb:password`.',
  },
} as const;

interface AdminArguments {
  readonly url?: string;
  readonly admin_name?: string;
  readonly admin_password?: string;
}

/** In the names that other states have: these call something else `password`. */
export function adminOf({ url, admin_name, admin_password }: AdminArguments): ServerArguments {
  return {
    ...(url === undefined ? {} : { url }),
    ...(admin_name === undefined ? {} : { username: admin_name }),
    ...(admin_password === undefined ? {} : { password: admin_password }),
  };
}

export function userPath(name: string): string {
  return path('_users', `org.couchdb.user:${name}`);
}
