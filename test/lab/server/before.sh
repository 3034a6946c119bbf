# What the server is like before: somebody worked on it by hand for years.
set -e
groupadd contractors
useradd -m -G contractors mallory
mkdir -p /root/.ssh /etc/site /var/lib/legacy /mnt/old /srv/former /srv/downloads
chmod 700 /root/.ssh
echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKZ0hZqT0zYdTq1Zg3rBl8P7vVfQm6qk9u8m3Yw2oXo old@laptop' > /root/.ssh/authorized_keys
echo 'old.example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJKZ0hZqT0zYdTq1Zg3rBl8P7vVfQm6qk9u8m3Yw2oXo' > /root/.ssh/known_hosts
chmod 600 /root/.ssh/*
echo '192.0.2.9 old.example.org' >> /etc/hosts
printf '[server]\nworkers = 4\ndebug = yes\n# cache = on\n' > /etc/legacy.conf
printf 'red\ngreen\nyellow\n' > /etc/legacy.colours
echo 'a' > /var/lib/legacy/a.dump
touch -d '2 days ago' /var/lib/legacy/a.dump
echo 'kept' > /var/lib/legacy/kept
echo 'old' > /etc/site/former.conf
echo 'moved' > /etc/site/to-be-moved.conf
echo 'An old message of the day.' > /etc/motd
mount -t tmpfs tmpfs /mnt/old
printf 'tmpfs /mnt/old tmpfs defaults 0 0\nnas.example.com:/export/archive /srv/former nfs noauto 0 0\n' >> /etc/fstab
mkdir -p /etc/sysctl.d /etc/security/limits.d
echo 'mallory hard core 0' > /etc/security/limits.d/site.conf
ip addr add 203.0.113.51/32 dev lo
echo 'net.ipv4.tcp_fin_timeout = 30' > /etc/sysctl.d/60-site.conf
for unit in old-report stray parked; do
  printf '[Service]\nExecStart=/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n' > /etc/systemd/system/$unit.service
done
systemctl daemon-reload
systemctl enable -q --now old-report stray
rm /etc/systemd/system/parked.service
systemctl mask -q parked
mkdir -p /tmp/pictures
for name in sea hills town; do echo $name > /tmp/pictures/$name.txt; done
tar -C /tmp/pictures -czf /srv/downloads/pictures.tar.gz .
