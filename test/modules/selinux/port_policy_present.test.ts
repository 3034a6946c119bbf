import present from '../../../engine/modules/selinux/port_policy_present.ts';
import { stateTester } from '../../helpers/state-tester.ts';
import { files, store } from './_system.ts';

const answers = {
  'semanage port --list --noheading':
    'http_port_t                    tcp      80, 81, 443, 488, 8008, 8009, 8443, 9000\nradius_port_t                  udp      1645, 1812-1813, 18120-18121\n',
};
const local = `${store}/ports.local`;
const host = {
  answers,
  files: { ...files, [local]: '# auto\nportcon tcp 8080 system_u:object_r:http_port_t:s0\n' },
};

stateTester('selinux.port_policy_present', present, [
  {
    title: 'adds a type',
    args: { name: 'tcp/8088', sel_type: 'http_port_t' },
    host,
    expects: {
      changes: ['tcp/8088'],
      files: {
        [local]:
          '# auto\nportcon tcp 8080 system_u:object_r:http_port_t:s0\nportcon tcp 8088 system_u:object_r:http_port_t:s0\n',
      },
    },
  },
  {
    title: 'changes the type of a range, given apart',
    args: { name: 'radius', protocol: 'udp', port: '1812-1813', sel_type: 'my_port_t', sel_range: 's0:c1' },
    host,
    expects: {
      changes: ['udp/1812-1813'],
      effects: [
        {
          kind: 'exec',
          command: {
            argv: ['semanage', 'port', '-m', '-t', 'my_port_t', '-r', 's0:c1', '-p', 'udp', '1812-1813'],
          },
          settles: [
            {
              about: 'file',
              effect: {
                kind: 'write',
                path: local,
                content: Buffer.from(
                  '# auto\nportcon tcp 8080 system_u:object_r:http_port_t:s0\nportcon udp 1812 - 1813 system_u:object_r:my_port_t:s0:c1\n',
                ),
              },
            },
          ],
          foreseen: true,
        },
      ],
    },
  },
  {
    title: 'is content with what was added',
    args: { name: 'tcp/8080', sel_type: 'http_port_t' },
    host,
    expects: { changes: [], comment: 'tcp/8080 has the type http_port_t already' },
  },
  {
    title: 'is content with what the policy itself says',
    args: { name: 'web', protocol: 'tcp', port: 8443, sel_type: 'http_port_t' },
    host,
    expects: { changes: [] },
  },
  ...['8080', 'tcp/http', 'icmp/1', 'tcp/80;x'].map((name) => ({
    title: `refuses ${name}`,
    args: { name, sel_type: 'http_port_t' },
    host,
    expects: { refused: `"${name}" is no protocol and port.` },
  })),
  {
    title: 'refuses where SELinux does not run',
    args: { name: 'tcp/80', sel_type: 'http_port_t' },
    host: { answers: {} },
    expects: { refused: 'This system does not run with SELinux.' },
  },
]);
