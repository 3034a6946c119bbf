#!/bin/sh
# What bootstrap.sh does on a node as long as there is no Node: requirements are checked and the engine is
# installed. Everything else (questions, files, the run) is scripts/node/main.ts, on the Node of that engine.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
prefix=${CONVERGE_PREFIX:-}
home=$prefix/opt/converge
versions=$home/versions

say() { printf '%s\n' "$*" >&2; }

fail() {
  printf 'error: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# --- requirements -------------------------------------------------------------------------------------------

without=
lacking=0

lacks() { # name of the requirement, what is missing, what helps
  case ,$without, in
    *,"$1",*) say "passed over: $2" ;;
    *)
      lacking=$((lacking + 1))
      printf 'missing (%s): %s\n  %s\n' "$1" "$2" "$3" >&2
      ;;
  esac
}

of_system() { sed -n "s/^$1=\"\{0,1\}\([^\"]*\)\"\{0,1\}\$/\1/p" "$prefix/etc/os-release" 2>/dev/null; }

check_system() {
  version=$(of_system VERSION_ID)
  case "$(of_system ID) $(of_system ID_LIKE)" in
    debian*) case $version in 12 | 13) return ;; esac ;;
    *rhel* | *centos*) case $version in 9 | 9.*) return ;; esac ;;
  esac
  lacks system "This is $(of_system PRETTY_NAME), and nodes are Debian 12 or 13, or of the family of RHEL 9." \
    "Another system may do for parts of the trees: --without system."
}

# BIRD is there, and the JavaScript of CouchDB. A mirror has another name, but hardly one without that word.
check_sources() {
  case "$(of_system ID) $(of_system ID_LIKE)" in *rhel* | *centos*) ;; *) return ;; esac
  [ -n "$(sed -n '/^\[.*[Ee][Pp][Ee][Ll]/p' "$prefix"/etc/yum.repos.d/*.repo 2>/dev/null)" ] || lacks epel \
    "No repository of dnf is EPEL, which has what the distribution lacks of BIRD (app) and CouchDB (db)." \
    "dnf install epel-release; on RHEL: https://docs.fedoraproject.org/en-US/epel/. Where another one has it: --without epel."
}

# Two that decide would each drop what the other one lets in. RHEL has it from the beginning.
check_firewall() {
  systemctl is-active --quiet firewalld 2>/dev/null || return 0
  lacks firewall "firewalld is active, and a node has a firewall of its own." \
    "systemctl disable --now firewalld. To have it taken over instead, answer firewall: {take_over: true}: --without firewall."
}

has_default_route() {
  [ -n "$(ip route show default 2>/dev/null)" ] || [ -n "$(ip -6 route show default 2>/dev/null)" ]
}

has_private_address() {
  ip -o addr show up scope global 2>/dev/null | {
    while read -r _ _ _ address _; do
      case $address in
        10.* | 192.168.* | 172.1[6-9].* | 172.2[0-9].* | 172.3[01].* | fc*:* | fd*:*) exit 0 ;;
      esac
    done
    exit 1
  }
}

free_space() { # of what folder, in MiB
  folder=$1
  while [ ! -d "$folder" ]; do folder=$(dirname -- "$folder"); done
  df -Pk "$folder" | {
    read -r _
    read -r _ _ _ free _
    echo $((free / 1024))
  }
}

check_space() { # folder, MiB
  free=$(free_space "$1")
  [ "$free" -ge "$2" ] || lacks disk "$1 has $free MiB left, and $2 are needed." "Make room, or give the machine a larger disk."
}

check_requirements() {
  check_system
  check_sources
  check_firewall
  [ -d "$prefix/run/systemd/system" ] || lacks systemd "This system was not booted by systemd." "Containers are no nodes."
  has ip || lacks iproute2 "There is no \"ip\"." "Install iproute2 (RPM: iproute)."
  has_default_route || lacks public "There is no default route, so no public interface." \
    "Set up the network of the machine first."
  has_private_address || lacks private "No interface has a private address (10/8, 172.16/12, 192.168/16, fc00::/7)." \
    "Attach the machine to the private network of the nodes. A cluster of one may do --without private."
  name=${CONVERGE_RESOLVE:-acme-v02.api.letsencrypt.org}
  getent ahosts "$name" >/dev/null || lacks names "The name $name cannot be resolved." \
    "Look at /etc/resolv.conf. CONVERGE_RESOLVE names another one to try."
  case $(timedatectl show --property NTPSynchronized --value 2>/dev/null) in
    yes) ;;
    *) lacks time "The clock is not in sync by NTP: signatures of the DNS and certificates would be wrong in time." \
      "Install systemd-timesyncd or chrony, and wait for timedatectl to say so. Where the hypervisor keeps it: --without time." ;;
  esac
  case $(uname -n) in
    '' | localhost | localhost.*) lacks hostname "The machine is called \"$(uname -n)\"." "hostnamectl set-hostname app1.example.org" ;;
  esac
  check_space "$home" "$([ -x "$here/dist/converge" ] && echo 600 || echo 1500)"
  check_space "$prefix/var" 500
  [ "$lacking" = 0 ] || fail "$lacking of the requirements are not met; nothing was changed but $home."
}

# --- the engine ---------------------------------------------------------------------------------------------

# A release brings the engine built, in dist/. What was built before its sources changed is no release.
is_built() {
  [ -x "$here/dist/converge" ] &&
    [ -z "$(find "$here/engine" "$here/package-lock.json" -newer "$here/dist/converge" -type f 2>/dev/null | head -n 1)" ]
}

sources() {
  if is_built; then find dist/converge dist/lib -type f ! -name node; else find engine scripts package.json package-lock.json -type f; fi
}

# Versions of one number differ while it is developed, so what it is made of is part of its name.
version_name() {
  number=$(sed -n 's/^  "version": "\(.*\)",$/\1/p' "$here/package.json")
  sum=$(cd "$here" && sources | LC_ALL=C sort | tr '\n' '\0' | xargs -0 sha256sum | sha256sum)
  echo "$number-$(printf %.10s "$sum")"
}

# The sources are built in a folder that stays, so that an update finds Node and the dependencies there. What only
# development needs is left out.
build() { # folder to become
  say "Building the engine"
  mkdir -p "$home/build"
  for part in engine scripts api bootstrap.sh package.json package-lock.json LICENSE; do
    rm -rf "${home:?}/build/$part"
    if [ -e "$here/$part" ]; then cp -R "$here/$part" "$home/build/$part"; fi
  done
  npm_config_omit=dev "$home/build/bootstrap.sh" setup
  PATH=$home/build/.runtime/node/bin:$PATH "$home/build/.runtime/node/bin/node" "$home/build/scripts/build.ts" --out "$1" >&2
}

starts() { [ -x "$1/converge" ] && "$1/converge" --version >/dev/null; }

# Sets $version to a folder of /opt/converge/versions that is complete.
install_engine() {
  version=$versions/$(version_name)
  if starts "$version" 2>/dev/null; then return; fi
  rm -rf "$version" "$version.part"
  mkdir -p "$versions"
  if is_built; then
    # Files of a release are replaced, never written to, so both may be the same.
    cp -Rl "$here/dist" "$version.part" 2>/dev/null || { rm -rf "$version.part" && cp -R "$here/dist" "$version.part"; }
    mv "$version.part" "$version"
  else
    build "$version"
  fi
  if starts "$version"; then return; fi
  rm -rf "$version.broken"
  mv "$version" "$version.broken"
  fail "The engine that was brought does not start." "It is put aside as $version.broken."
}

# Each link is one rename. Runs that go on keep the version they began with: it stays where it is.
switch_engine() {
  if [ "$(readlink "$home/current" 2>/dev/null)" != "$version" ]; then
    ln -sfn "$version" "$home/current.next"
    mv -T "$home/current.next" "$home/current"
    say "The engine is $(basename "$version")."
  fi
  if [ "$(readlink "$prefix/usr/local/bin/converge" 2>/dev/null)" != "$home/current/converge" ]; then
    mkdir -p "$prefix/usr/local/bin"
    ln -sfn "$home/current/converge" "$prefix/usr/local/bin/converge.next"
    mv -T "$prefix/usr/local/bin/converge.next" "$prefix/usr/local/bin/converge"
  fi
}

# The tree of before stays until the next one comes.
switch_tree() {
  if [ "$here" != "$home/tree.next" ]; then return; fi
  if [ -e "$home/tree" ]; then mv "$home/tree" "$home/tree.before"; fi
  mv "$home/tree.next" "$home/tree"
  mv "$home/source.next" "$home/source"
  here=$home/tree
}

# --- verbs --------------------------------------------------------------------------------------------------

main() {
  [ -x "$1/lib/node" ] && runner=$1/lib/node || runner=node
  shift
  CONVERGE_READY=$(date +%s) CONVERGE_VERSION_FOLDER=$version CONVERGE_TREE=$here exec "$runner" "$here/scripts/node/main.ts" "$@"
}

verb=$1
before=
for argument; do
  [ "$before" != --without ] || without=$without,$argument
  case $argument in --without=*) without=$without,${argument#*=} ;; esac
  before=$argument
done

case $verb in
  app | db)
    check_requirements
    install_engine
    [ "$here" != "$home/tree.next" ] || rm -rf "$home/tree.before"
    # What takes over has to outlive a power cut.
    sync -f "$home"
    switch_engine
    switch_tree
    main "$version" "$@"
    ;;
  engine)
    install_engine
    sync -f "$home"
    switch_engine
    ;;
  update)
    install_engine
    main "$version" "$@"
    ;;
  *)
    version=$home/current
    [ -x "$version/converge" ] || fail "This machine is no node: there is no $version."
    main "$version" "$@"
    ;;
esac
