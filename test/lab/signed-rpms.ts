/** Signs what `offerRpms` has made: the packages, and what the repository tells of them. */
import type { Node } from './node.ts';

/** By keys that `makeKey` has made; vendors may have one for each. */
export async function signRpms(
  node: Node,
  folder: string,
  packages: string,
  metadata = packages,
): Promise<void> {
  await node.must(
    `cd ${folder}
rpm --define '_gpg_name ${packages}@example.org' --addsign $(find . -name '*.rpm') && createrepo_c -q . &&
gpg -q --yes --armor --detach-sign -u ${metadata}@example.org repodata/repomd.xml`,
  );
}
