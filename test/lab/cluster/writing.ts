/** Documents that an app node writes into the databases, one after the other, by whichever database node answers. */
import type { Node } from '../node.ts';

const done = '/run/written';

/** It asks the next one where one does not answer, and a conflict then means that it was written all the same. */
const script = (hosts: readonly string[]) => `
put() { curl -sk -m 3 -K /run/writer.curl -o /dev/null -w '%{http_code}' -X PUT "https://$1:443/$2" -d '{}'; }
for host in ${hosts.join(' ')}; do put $host kept; done
id=0
while :; do
  id=$((id + 1))
  for host in ${hosts.join(' ')}; do
    case $(put $host kept/$id) in 201 | 202 | 409) echo $id >> ${done}; break ;; esac
  done
  sleep 0.1
done`;

export async function startWriting(node: Node, password: string, hosts: readonly string[]): Promise<void> {
  await node.write('/run/writer.curl', `user = "admin:${password}"\n`);
  await node.write('/run/writer.sh', script(hosts));
  await node.must('systemd-run -q --unit=writer sh /run/writer.sh');
  await node.until(`test -s ${done}`, { seconds: 20 });
}

/** Their IDs, once no more are to come. */
export async function written(node: Node): Promise<string[]> {
  await node.must('systemctl stop writer');
  return (await node.must(['cat', done])).trimEnd().split('\n');
}
