import downloaded from '../../../engine/modules/pkg/downloaded.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { badNames, onDebian, onRpm } from './_names.ts';

const there = 'All specified packages are already downloaded';
const archives = '/var/cache/apt/archives';
const packages = '/var/cache/dnf/lab-1/packages';

stateTester('pkg.downloaded', downloaded, [
  ...onDebian([
    ...badNames(),
    {
      title: 'fetches what is not there',
      args: { pkgs: ['curl', 'tree'], refresh: false },
      host: { files: { [`${archives}/tree_2.1.0-1_amd64.deb`]: 'x' }, packages: {} },
      expects: { changes: ['curl'], files: { [`${archives}/curl_0_all.deb`]: {} } },
    },
    {
      title: 'is content with any version, or with one that meets what is wanted',
      args: { pkgs: ['tree', { curl: '7.*' }] },
      host: {
        files: {
          [`${archives}/tree_2.1.0-1_amd64.deb`]: 'x',
          [`${archives}/curl_1%3a7.88-1_amd64.deb`]: 'x',
        },
        packages: {},
      },
      expects: { changes: [], comment: there },
    },
    {
      title: 'fetches another version, and another architecture',
      args: { pkgs: [{ curl: '8.0' }, 'tree:i386'], refresh: false },
      host: {
        files: { [`${archives}/tree_2.1.0-1_amd64.deb`]: 'x', [`${archives}/curl_7.88_amd64.deb`]: 'x' },
        packages: {},
      },
      expects: { changes: ['curl', 'tree:i386'], files: { [`${archives}/curl_8.0_all.deb`]: {} } },
    },
    {
      title: 'refuses what cannot be told by files',
      args: { name: 'curl', version: 'latest' },
      host: { packages: {} },
      expects: { refused: 'pkg.downloaded takes a version, not `latest`.' },
    },
  ]),
  ...onRpm([
    {
      title: 'fetches what is not there',
      args: { pkgs: ['curl', { tree: '2.0' }], refresh: false },
      host: { files: { [`${packages}/tree-1.0-1.el9.x86_64.rpm`]: 'x' }, packages: {} },
      expects: {
        changes: ['curl', 'tree'],
        files: { '/var/cache/dnf/downloaded/packages/tree-2.0-0.noarch.rpm': {} },
      },
    },
    {
      title: 'is content with what is there',
      args: { pkgs: ['tree.x86_64', { 'python3-libs': '2:3.9-1.el9' }] },
      host: {
        files: {
          [`${packages}/tree-1.0-1.el9.x86_64.rpm`]: 'x',
          [`${packages}/python3-libs-3.9-1.el9.x86_64.rpm`]: 'x',
        },
        packages: {},
      },
      expects: { changes: [], comment: there },
    },
  ]),
]);
