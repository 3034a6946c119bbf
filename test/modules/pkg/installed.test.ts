import installed from '../../../engine/modules/pkg/installed.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { badNames, onDebian, onRpm } from './_names.ts';
import { rpmFile } from './_rpm-file.ts';

const there = 'All specified packages are already installed';

const plugin = { '/etc/dnf/plugins/versionlock.conf': '[main]\nenabled = 1\n' };
const provides = 'rpm -qa --qf [%{=NAME}\\t%{PROVIDENAME}\\n]';
const provided = 'perl-JSON\tperl(JSON)\nperl-JSON\tperl-JSON\nnginx\twebserver\n';
const alpha = rpmFile({ name: 'alpha', version: '1.0', release: '1', arch: 'noarch', epoch: 2 });

stateTester('pkg.installed', installed, [
  ...onDebian([
    ...badNames(),
    {
      title: 'installs what is missing, with fresh lists and one command',
      args: { pkgs: ['curl', 'tree', 'hello'] },
      host: { packages: { curl: '7.88' } },
      expects: {
        changes: ['exec', 'remember', 'tree', 'hello'],
        packages: { tree: 'newest', hello: 'newest', curl: '7.88' },
      },
    },
    {
      title: 'is content with what is there',
      args: { name: 'curl', version: '7.*' },
      host: { packages: { curl: '7.88' } },
      expects: { changes: [], comment: there },
    },
    {
      title: 'is content with a package that provides a virtual one',
      args: { name: 'mail-transport-agent' },
      host: { packages: { postfix: { provides: ['mail-transport-agent'] } } },
      expects: { changes: [], comment: there },
    },
    {
      title: 'installs a package of which only configuration files are left',
      args: { name: 'curl', refresh: false },
      host: { packages: { curl: { version: '7', state: 'config' } } },
      expects: { changes: ['curl'], packages: { curl: 'newest' } },
    },
    {
      title: 'finishes an interrupted dpkg first',
      args: { name: 'curl', refresh: false },
      host: { packages: { other: { state: 'broken' } } },
      expects: { changes: ['dpkg', 'exec', 'curl'], packages: { curl: 'newest' } },
    },
    {
      title: 'downgrades where the tree says so',
      args: { name: 'curl', version: '7.74-1', refresh: false },
      host: { packages: { curl: '7.88-1' } },
      expects: { changes: ['curl'], packages: { curl: '7.74-1' } },
    },
    {
      title: 'takes a newer version where it may',
      args: { name: 'curl', version: '7.74-1', allow_updates: true },
      host: { packages: { curl: '7.88-1' } },
      expects: { changes: [], comment: there },
    },
    {
      title: 'leaves a package alone that is only to be upgraded',
      args: { name: 'curl', only_upgrade: true },
      host: { packages: {} },
      expects: { changes: [], comment: there },
    },
    {
      title: 'refuses to change a held package',
      args: { name: 'curl', version: '8.0' },
      host: { packages: { curl: { version: '7.88', held: true } } },
      expects: { refused: 'Held, so not changed: curl (7.88).' },
    },
    {
      title: 'holds what is there',
      args: { pkgs: ['curl', 'tree'], hold: true },
      host: { packages: { curl: '7', tree: { version: '2', held: true } } },
      expects: { changes: ['curl held'], packages: { curl: '7' } },
    },
    {
      title: 'lets go of what is held',
      args: { name: 'tree', hold: false },
      host: { packages: { tree: { version: '2', held: true } } },
      expects: { changes: ['tree held'], packages: { tree: '2' } },
    },
    {
      title: 'warns of a version that is written as a number',
      args: { name: 'curl', version: 7.5 },
      host: { packages: { curl: '7.5' } },
      expects: { changes: [], warnings: [/written as a number; quote it/] },
    },
    {
      title: 'refuses a file that is not there',
      args: { sources: [{ curl: 'salt://nosuch.deb' }] },
      host: { packages: {} },
      expects: { refused: 'salt://nosuch.deb is not in the file roots' },
    },
    {
      title: 'takes a file for what its name says where that version is there',
      args: { sources: [{ curl: 'https://nowhere.invalid/pool/curl_7.88-1_amd64.deb?x=1' }] },
      host: { packages: { curl: '1:7.88-1' } },
      expects: { changes: [], comment: there },
    },
    {
      title: 'refuses a hash that is none',
      args: { sources: [{ curl: { source: 'salt://curl.deb', source_hash: 'md5' } }] },
      host: { packages: {} },
      expects: { refused: '"md5" is no hash.' },
    },
    {
      title: 'refuses a file with another hash',
      args: { sources: [{ curl: { source: 'salt://curl.deb', source_hash: `sha256=${'0'.repeat(64)}` } }] },
      host: { packages: {} },
      sources: { 'curl.deb': 'x' },
      expects: { refused: /^salt:\/\/curl.deb does not have the hash sha256=0/ },
    },
    {
      title: 'warns of a reboot that packages ask for',
      args: { name: 'curl', report_reboot_required: true },
      host: {
        packages: { curl: '7' },
        files: { '/run/reboot-required': '', '/run/reboot-required.pkgs': 'linux\nlinux\nlibc6\n' },
      },
      expects: { changes: [], warnings: ['A reboot is required for linux, libc6.'] },
    },
  ]),
  ...onRpm([
    {
      title: 'installs what is missing, and holds what it cannot know the version of by a command',
      args: { pkgs: ['curl', 'tree'], hold: true, refresh: false },
      host: { files: plugin, packages: { curl: '7-1' } },
      expects: {
        changes: ['tree', 'curl held', 'tree held', 'exec'],
        packages: { tree: 'newest' },
        files: { '/etc/dnf/plugins/versionlock.list': 'curl-0:7-1.*\ntree-0:*-*.*\n' },
      },
    },
    {
      title: 'needs no release',
      args: { name: 'curl', version: '7.88' },
      host: { packages: { curl: '2:7.88-3.el9' } },
      expects: { changes: [], comment: there },
    },
    {
      title: 'is content with one of several kernels',
      args: { name: 'kernel', version: '5.14.0-1.el9' },
      host: { packages: { kernel: { version: '5.14.0-2.el9', beside: ['5.14.0-1.el9'] } } },
      expects: { changes: [], comment: there },
    },
    {
      title: 'asks rpm who provides what is not the name of a package',
      args: { pkgs: ['perl(JSON)', 'webserver'] },
      host: { packages: { 'perl-JSON': '4-1', nginx: '1-1' }, answers: { [provides]: provided } },
      expects: { changes: [], comment: there },
    },
    {
      title: 'refuses to hold without the plugin that heeds it',
      args: { name: 'curl', hold: true },
      host: { packages: { curl: '7-1' } },
      expects: {
        refused: "Packages cannot be held: dnf's plugin versionlock is not there, or switched off.",
      },
    },
    {
      title: 'refuses to change what is locked',
      args: { name: 'curl', version: '8-1' },
      host: {
        files: { ...plugin, '/etc/dnf/plugins/versionlock.list': 'curl-0:7-1.*\n' },
        packages: { curl: '7-1' },
      },
      expects: { refused: 'Held, so not changed: curl (7-1).' },
    },
    {
      title: 'moves a lock with its package',
      args: { name: 'curl', version: '8-1', hold: true, refresh: false },
      host: {
        files: { ...plugin, '/etc/dnf/plugins/versionlock.list': '# x\ncurl-0:7-1.*\nother-1-1.*\n' },
        packages: { curl: '7-1' },
      },
      expects: {
        changes: ['curl', 'write'],
        packages: { curl: '8-1' },
        files: { '/etc/dnf/plugins/versionlock.list': '# x\nother-1-1.*\ncurl-0:8-1.*\n' },
      },
    },
    {
      title: 'installs a file, and leaves no copy of it behind',
      args: { sources: [{ alpha: 'salt://alpha.rpm' }] },
      host: { files: { '/var/cache/dnf/x': '' }, packages: {} },
      sources: { 'alpha.rpm': alpha },
      expects: {
        changes: ['alpha'],
        packages: { alpha: '2:1.0-1' },
      },
    },
    {
      title: 'refuses a file of another package',
      args: { sources: [{ beta: 'salt://alpha.rpm' }] },
      host: { packages: {} },
      sources: { 'alpha.rpm': alpha },
      expects: { refused: 'salt://alpha.rpm holds the package "alpha", not "beta".' },
    },
  ]),
  {
    title: 'refuses where there is no package manager that it knows',
    args: { name: 'curl' },
    grains: { os_family: 'Arch' },
    host: { packages: {} },
    expects: { refused: 'Packages cannot be changed here: there is neither apt nor dnf (os_family: Arch).' },
  },
]);
