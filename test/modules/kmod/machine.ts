/** Files of a Debian 12 kernel, shortened; its nodes in the lab cannot load modules. */
export const machine = {
  '/proc/modules':
    'nft_ct 24576 0 - Live 0xffffffffc0a5e000\nnf_tables 307200 1 nft_ct, Live 0xffffffffc09fd000\npcspkr 16384 0 - Live 0xffffffffc0412000\nfuse 176128 1 - Live 0xffffffffc0341000\n',
  '/proc/sys/kernel/osrelease': '6.1.0-18-amd64\n',
  '/lib/modules/6.1.0-18-amd64/modules.builtin': 'kernel/fs/ext4/ext4.ko\nkernel/drivers/block/loop.ko\n',
  '/lib/modules/6.1.0-18-amd64/modules.dep':
    'kernel/net/bridge/br_netfilter.ko: kernel/net/bridge/bridge.ko\nkernel/net/netfilter/nf_tables.ko.xz:\n',
  '/usr/sbin/modprobe': '',
  '/etc/modules-load.d': { directory: true },
} as const;
