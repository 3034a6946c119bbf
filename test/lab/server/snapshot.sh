# All of a server that the tree describes, in a form in which two looks can be compared.
# Left out: what is kept beside edited files as they were before, caches, and what bears the time of its making.
find /etc /srv/www /srv/pictures /srv/shop /srv/shop-main /srv/shop-release /run/site /root /home /var/lib/backupd \
  -xdev \( -name .git -o -path '/etc/*-' -o -path /etc/ld.so.cache -o -path /etc/.pwd.lock -o -path /root/.cache \) -prune \
  -o -printf '%p %y %m %U %G %l\n' | sort
find /etc /srv/www /srv/pictures /srv/shop /srv/shop-main /srv/shop-release /root /home /var/lib/backupd \
  -xdev \( -name .git -o -path '/etc/*-' -o -path /etc/ld.so.cache -o -path /root/.cache -o -name passwd -o -name shadow -o -name group -o -name gshadow -o -name 'sub[ug]id' -o -name '*.bak' -o -name versionlock.list \) -prune \
  -o -type f -exec md5sum {} + | sort -k 2
sort /etc/passwd /etc/shadow /etc/group /etc/gshadow
for user in root backupd; do crontab -l -u $user; done
for unit in shop greeter sshd ssh cron crond tidy.timer old-report stray parked NetworkManager apt-daily.timer almanac; do
  echo $unit $(systemctl is-active $unit) $(systemctl is-enabled $unit 2>&1)
done
grep -e /var/cache/site -e /mnt/old /proc/mounts
cat /proc/sys/net/ipv4/tcp_keepalive_time
ip -o -4 addr show dev lo
ip -o -4 addr show dev br-apps | sed 's/^[0-9]*://'
ip route
hostname
if command -v rpm > /dev/null; then rpm -qa | sort; dnf versionlock -q list; else dpkg-query -W; apt-mark showhold; fi
