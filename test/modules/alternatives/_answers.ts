/** Administrative files as update-alternatives of dpkg writes them. */
export const pager = [
  'auto',
  '/usr/bin/pager',
  'pager.1.gz',
  '/usr/share/man/man1/pager.1.gz',
  '',
  '/bin/more',
  '50',
  '/usr/share/man/man1/more.1.gz',
  '/usr/bin/less',
  '77',
  '',
  '',
  '',
].join('\n');

/** A machine with two pagers, of which the better one is chosen. */
export const files = {
  '/usr/bin/update-alternatives': '',
  '/var/lib/dpkg/alternatives/pager': pager,
  '/etc/alternatives/pager': { link: '/usr/bin/less' },
  '/usr/bin/pager': { link: '/etc/alternatives/pager' },
  '/usr/bin/less': '',
  '/bin/more': '',
  '/usr/share/man/man1/more.1.gz': '',
};

export const grains = { os_family: 'Debian' };
