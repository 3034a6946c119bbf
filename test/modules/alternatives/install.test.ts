import install from '../../../engine/modules/alternatives/install.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { files, grains, pager } from './_answers.ts';

const most = {
  name: 'pager',
  link: '/usr/bin/pager',
  path: '/usr/bin/most',
  priority: 90,
  slaves: [
    { name: 'pager.1.gz', link: '/usr/share/man/man1/pager.1.gz', path: '/usr/share/man/man1/most.1.gz' },
  ],
};
const there = { ...files, '/usr/bin/most': '', '/usr/share/man/man1/most.1.gz': '' };

stateTester('alternatives.install', install, [
  {
    title: 'adds an alternative, which is chosen for its priority',
    args: most,
    grains,
    host: { answers: {}, files: there },
    expects: {
      changes: ['alternative', 'slave pager.1.gz', 'chosen'],
      files: {
        '/etc/alternatives/pager': { link: '/usr/bin/most' },
        '/etc/alternatives/pager.1.gz': { link: '/usr/share/man/man1/most.1.gz' },
        '/usr/share/man/man1/pager.1.gz': { link: '/etc/alternatives/pager.1.gz' },
        '/var/lib/dpkg/alternatives/pager': pager.replace(
          '77\n\n',
          '77\n\n/usr/bin/most\n90\n/usr/share/man/man1/most.1.gz\n',
        ),
      },
    },
  },
  {
    title: 'adds one of a lower priority, which is not',
    args: { ...most, priority: -5, slaves: [] },
    grains,
    host: { answers: {}, files: there },
    expects: { changes: ['alternative'], files: { '/etc/alternatives/pager': { link: '/usr/bin/less' } } },
  },
  {
    title: 'makes a group',
    args: { ...most, name: 'shower', link: '/usr/local/bin/shower' },
    grains,
    host: { answers: {}, files: { ...there, '/usr/local/bin': { directory: true } } },
    expects: {
      changes: ['alternative', 'slave pager.1.gz', 'chosen'],
      files: { '/usr/local/bin/shower': { link: '/etc/alternatives/shower' } },
    },
  },
  {
    title: 'is content with what is registered',
    args: { name: 'pager', link: '/usr/bin/pager', path: '/usr/bin/less', priority: 77 },
    grains,
    host: { answers: {}, files },
    expects: { changes: [], comment: 'Alternative /usr/bin/less for pager is already registered' },
  },
  {
    title: 'reads the files of RPM systems, with families and services',
    args: { name: 'java', link: '/usr/bin/java', path: '/opt/j/bin/java', priority: 10 },
    grains: { os_family: 'RedHat' },
    host: {
      answers: {},
      files: {
        '/usr/sbin/update-alternatives': '',
        '/var/lib/alternatives/java':
          'manual\n/usr/bin/java\n\n/opt/i/bin/java\n@jdk@20 svc\n/opt/j/bin/java\n@jdk@10\n',
        '/etc/alternatives/java': { link: '/opt/j/bin/java' },
        '/usr/bin/java': { link: '/etc/alternatives/java' },
      },
    },
    expects: { changes: [] },
  },
  {
    title: 'changes priority and slaves, and chooses anew',
    args: { name: 'pager', link: '/usr/bin/pager', path: '/bin/more', priority: 80 },
    grains,
    host: { answers: {}, files },
    expects: {
      changes: ['priority', 'slave pager.1.gz', 'chosen'],
      files: { '/etc/alternatives/pager': { link: '/bin/more' } },
    },
  },
  {
    title: 'puts links right that were removed',
    args: { name: 'pager', link: '/usr/bin/pager', path: '/usr/bin/less', priority: 77 },
    grains,
    host: { answers: {}, files: { ...files, '/usr/bin/pager': { link: '/elsewhere' } } },
    expects: {
      changes: ['links'],
      files: { '/usr/bin/pager': { link: '/etc/alternatives/pager' } },
    },
  },
  {
    title: 'refuses a path that does not exist',
    args: most,
    grains,
    host: { answers: {}, files },
    expects: { refused: 'The alternative /usr/bin/most does not exist.' },
  },
  {
    title: 'refuses to replace what is no link',
    args: { ...most, name: 'new', link: '/usr/bin/less' },
    grains,
    host: { answers: {}, files: there },
    expects: { refused: /^\/usr\/bin\/less is no symbolic link/ },
  },
  {
    title: 'refuses where there is no update-alternatives',
    args: most,
    grains,
    host: { answers: {}, files: { '/usr/bin/most': '' } },
    expects: { refused: 'There is no update-alternatives here.' },
  },
  {
    title: 'refuses below a root',
    args: most,
    grains,
    host: { files: there },
    expects: { refused: /^Alternatives cannot be changed below/ },
  },
  ...(
    [
      ['a name with a slash', { name: '../x' }, '"../x" cannot be the name of alternatives.'],
      ['a name that is an option', { name: '--force' }, '"--force" cannot be the name of alternatives.'],
      ['a path that is not absolute', { path: 'less' }, 'The path "less" is no absolute path.'],
      ['a link with a newline', { link: '/usr/bin/a\nb' }, 'The link "/usr/bin/a\nb" is no absolute path.'],
    ] as const
  ).map(([title, args, refused]) => ({
    title: `refuses ${title}`,
    args: { ...most, ...args },
    grains,
    host: { answers: {}, files: there },
    expects: { refused },
  })),
]);
