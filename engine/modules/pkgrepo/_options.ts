/** The options that a repository of dnf or yum can have (dnf.conf(5), "Repo Options" and those common to both). */
import type { Schema } from '../../core/schema.ts';

const described = {
  baseurl: 'Where the repository is; several as a list.',
  mirrorlist: 'URL of a list of mirrors.',
  metalink: 'URL of a metalink of mirrors.',
  gpgcheck: 'Whether packages have to be signed.',
  repo_gpgcheck: 'Whether the metadata of the repository has to be signed.',
  gpgkey:
    'URLs of the keys that packages are signed with. Set by itself where `key_url` or `key_text` is given.',
  exclude: 'Packages of it that do not exist for dnf; the same as `excludepkgs`.',
  excludepkgs: 'Packages of it that do not exist for dnf.',
  includepkgs: 'The only packages of it that exist for dnf.',
  priority: 'Repositories with a lower number win; 99 unless given.',
  cost: 'What getting a package from here costs, compared with other repositories; 1000 unless given.',
  proxy: 'URL of a proxy, or `_none_`.',
  proxy_username: 'User name for the proxy.',
  proxy_password: 'Password for the proxy.',
  proxy_auth_method: 'How to authenticate to the proxy.',
  username: 'User name for the repository.',
  password: 'Password for the repository.',
  user_agent: 'What dnf calls itself.',
  sslverify: 'Whether certificates have to be valid.',
  sslverifystatus: 'Whether revoked certificates are asked for.',
  sslcacert: 'File of certificates of authorities to trust.',
  sslcacertdir: 'Folder of such files.',
  sslclientcert: 'Certificate of this machine.',
  sslclientkey: 'Key of this machine.',
  skip_if_unavailable: 'Whether dnf goes on where the repository cannot be reached.',
  metadata_expire: 'How long metadata are good for: seconds, `6h`, `never`.',
  mirrorlist_expire: 'How long a list of mirrors is good for.',
  module_hotfixes: 'Whether packages of it win over those of modules.',
  enablegroups: 'Whether its groups of packages exist for dnf.',
  enabled_metadata: 'Whether tools other than dnf fetch its metadata.',
  fastestmirror: 'Whether mirrors are chosen by their speed.',
  failovermethod: 'How yum goes through several places: `roundrobin` or `priority`.',
  keepalive: 'Whether connections are kept.',
  ip_resolve: '`4` or `6`.',
  retries: 'How often a download is tried.',
  timeout: 'Seconds without progress after which a download has failed.',
  minrate: 'Bytes in a second below which a download has failed.',
  throttle: 'Bytes in a second that are not to be exceeded.',
  bandwidth: 'Bytes in a second that there are.',
  max_parallel_downloads: 'How many downloads at once.',
  deltarpm: 'Whether deltas are fetched.',
  countme: 'Whether the machine lets itself be counted.',
  mediaid: 'Identity of a medium.',
  type: 'Kind of repository; `rpm-md` for all of them nowadays.',
  protect: 'Whether its packages are kept (a plugin of yum).',
  autorefresh: 'Whether metadata are refreshed by themselves.',
  keeppackages: 'Whether fetched packages are kept.',
} as const;

type Name = keyof typeof described;

const schema = (description: string) =>
  ({
    type: ['string', 'number', 'boolean', 'array', 'null'],
    items: { type: ['string', 'number'] },
    description: `RPM: ${description[0]!.toLowerCase()}${description.slice(1)}`,
  }) as const satisfies Schema;

export const optionNames = Object.keys(described) as Name[];

export const optionProperties = Object.fromEntries(
  Object.entries(described).map(([name, description]) => [name, schema(description)]),
) as { [name in Name]: ReturnType<typeof schema> };

export type OptionArguments = {
  readonly [name in Name]?: string | number | boolean | null | readonly (string | number)[];
};

/** Never shown. */
export const secretOptions = ['password', 'proxy_password'];

/** Several words mean the same in whatever order; blanks and commas are the same between them. */
export const listOptions = ['baseurl', 'gpgkey', 'exclude', 'excludepkgs', 'includepkgs'];
