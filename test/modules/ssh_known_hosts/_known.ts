/** Keys of hosts, and names as ssh-keygen -H hid them. */
export const ed25519 = 'AAAAC3NzaC1lZDI1NTE5AAAAIL5A5QrhEuTPCXukyj1W4UxEK2Ec3rxn2UG06prmBVmi';
export const other = 'AAAAC3NzaC1lZDI1NTE5AAAAIJbnUSuh6SYDbBaoTQA2MRXrKRr7IFtoDnCRxYgqWuIf';
export const ecdsa =
  'AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHykWv1t1HccumL7CUASyFlQSawQFSlmZGG7daPxAWv8krEMkB3MsdGOfr0EakHk1o06LPq9/yhCmg3DV5Xlq0k=';

export const hiddenName = '|1|xvnvp+bv21YAtsuEnPKOxfdemxU=|rOMp7VReJBInSEXSCaJlrDmbJX0=';
export const hiddenNameWithPort = '|1|/EK+fwOHy+H+Rv3ubSBMGASj32M=|rElxrXq1XQCqAenEtsOinQnSVIQ=';

export const global = '/etc/ssh/ssh_known_hosts';
export const etc = { '/etc/ssh': { directory: true } } as const;

/** What ssh-keyscan prints. */
export const scanned = `# h.test:22 SSH-2.0-OpenSSH_9.2p1
h.test ssh-ed25519 ${ed25519}
h.test ecdsa-sha2-nistp256 ${ecdsa}
`;
