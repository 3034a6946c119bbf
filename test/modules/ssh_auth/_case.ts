/** Keys and homes that the tests of the ssh states share. */

export const ed25519 = 'AAAAC3NzaC1lZDI1NTE5AAAAIL5A5QrhEuTPCXukyj1W4UxEK2Ec3rxn2UG06prmBVmi';
export const other = 'AAAAC3NzaC1lZDI1NTE5AAAAIJbnUSuh6SYDbBaoTQA2MRXrKRr7IFtoDnCRxYgqWuIf';
export const ecdsa =
  'AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHykWv1t1HccumL7CUASyFlQSawQFSlmZGG7daPxAWv8krEMkB3MsdGOfr0EakHk1o06LPq9/yhCmg3DV5Xlq0k=';

/** Alice has a home of her own where this process may give files away. */
export const alice = process.getuid!();

export const accounts = {
  '/etc/passwd': `root:x:0:0::/root:/bin/sh\nalice:x:${alice}:${process.getgid!()}::/home/alice:/bin/sh\nhomeless:x:7:7::/none:/bin/sh\n`,
  '/etc/group': 'root:x:0:\n',
  '/home/alice': { directory: true },
} as const;
