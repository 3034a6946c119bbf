#!/bin/sh
# Brings Node and the dependencies into this folder, then does what the verb says. Needs git, curl and a shell.
set -eu

NODE_VERSION=24.21.0
NODE_MINIMUM=24

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
runtime=$here/.runtime
node=$runtime/node/bin/node

usage() {
  cat <<'TEXT'
Usage: ./bootstrap.sh VERB [options]

In this folder, without root (Node 24 from PATH, else brought into .runtime/; nothing else is touched):
  demo          converge a bundled example into a sandbox folder: shows a change, a second run and a repair
  test          run every check and every test (as root on Debian those of real nodes too, which install
                what they need to boot nodes); with patterns of files: only the tests in these
  setup         bring Node and the dependencies, nothing else

On a machine, as root (./bootstrap.sh VERB --help has the options, docs/bootstrap.md the whole):
  app, db       make this machine a node of that role
  update        bring another version, show what it would change, and go over to it
  share         print the secrets that further nodes have to be told
  decommission  leave the cluster
  engine        install the engine of this folder beside those that are there; the next run takes it

Environment:
  CONVERGE_NODE       where Node comes from: a tarball (.tar.gz, .tar.xz), a folder with bin/node,
                      or the base URL of a mirror that is laid out like https://nodejs.org/dist
  CONVERGE_SOURCE     the same as --source
  NODEJS_ORG_MIRROR   stands in for https://nodejs.org/dist where neither CONVERGE_NODE nor npm provides Node
TEXT
}

node_usage() {
  cat <<'TEXT'
Usage: ./bootstrap.sh app|db [--domain D] [--answers FILE] [--source S] [--first] [--without NAMES] [--test]
       ./bootstrap.sh update [--source S] [--answers FILE] [--first] [--test] [--yes]
       ./bootstrap.sh share > answers.yaml
       ./bootstrap.sh decommission [--wait SECONDS] [--yes]
       ./bootstrap.sh engine

  --domain D        domain of the nodes, such as example.org; asked for unless it is known
  --answers FILE    answers instead of questions: YAML, laid out like the pillar, for root only (chmod 600);
                    - for what is piped in
  --source S        where converge and the state trees come from: a folder, a tarball (also as https://…), or a
                    git repository (URL, URL#REF). Unless told: the folder of this file; for update the last one
  --sha256 SUM      what the tarball has to be; the same as URL#sha256=SUM
  --first           the very first node: secrets that all nodes share may be made here, whatever the DNS says
  --without NAMES   requirements that are passed over, by the names that are told: --without time,private
  --test            show what would be changed. app, db: engine and settings are set up all the same
  --yes             do not ask
  --wait SECONDS    how long others may take to take over the data of a db node; 600 unless told

All verbs can be run again at any moment, and go on where they stopped.
TEXT
}

say() { printf '%s\n' "$*" >&2; }

fail() {
  printf 'error: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# --- Node ---------------------------------------------------------------------------------------------------

# Whether $1 is a Node that is new enough and that this machine can run.
suits() {
  [ -x "$1" ] || return 1
  found=$("$1" --version 2>/dev/null) || return 1
  major=${found#v}
  major=${major%%.*}
  [ "$major" -ge "$NODE_MINIMUM" ] 2>/dev/null
}

platform() {
  [ "$(uname -s)" = Linux ] || fail "There is no pinned Node for $(uname -s)." "Put Node $NODE_MINIMUM or newer on PATH."
  case $(uname -m) in
    x86_64 | amd64) echo linux-x64 ;;
    aarch64 | arm64) echo linux-arm64 ;;
    *) fail "There is no pinned Node for $(uname -m)." "Put Node $NODE_MINIMUM or newer on PATH, or name one by CONVERGE_NODE." ;;
  esac
}

# Node from $1 (a folder with bin/node) becomes the one everything runs on; $2 says where it was asked for.
# The link is made last, so whatever ends before leaves the Node of before.
use() {
  suits "$1/bin/node" || fail "The Node of $1 does not run here, or is older than $NODE_MINIMUM." \
    "$("$1/bin/node" --version 2>&1 | head -n 3)" \
    "Node $NODE_MINIMUM needs glibc 2.28 and libstdc++ 6.0.25 or newer; CONVERGE_NODE names another one."
  rm -f "$runtime/node.from"
  rm -rf "$runtime/node"
  ln -s "$1" "$runtime/node"
  printf '%s\n' "$2" >"$runtime/node.from"
  say "Node $("$node" --version) from $2"
}

# Everything is unpacked and checked in a folder of its own and only then renamed to its final name.
incoming() {
  rm -rf "$runtime/incoming"
  mkdir -p "$runtime/incoming"
}

unpack() { # tarball, where it was asked for
  incoming
  case $1 in
    *.xz) has xz || fail "$1 is packed by xz, which is not installed." "Install xz-utils, or name a .tar.gz." ;;
  esac
  tar -xf "$1" -C "$runtime/incoming" || fail "$1 could not be unpacked."
  for folder in "$runtime/incoming"/*/; do
    [ -x "${folder}bin/node" ] || fail "$1 holds no Node." "A tarball of Node has the one folder node-v…, with bin/node in it."
    suits "${folder}bin/node" || use "${folder%/}" "$2"
    name=$(basename "$folder")
    rm -rf "${runtime:?}/$name"
    mv "${folder%/}" "$runtime/$name"
    rm -rf "$runtime/incoming"
    use "$runtime/$name" "$2"
    return
  done
  fail "$1 is empty."
}

fetch() { # URL, file, further options of curl
  url=$1
  into=$2
  shift 2
  curl --fail --silent --show-error --location --connect-timeout 20 "$@" --output "$into" "$url"
}

# What an interrupted download left is continued; the checksum decides whether the whole is right.
node_from_mirror() { # base URL
  has curl || fail "Node has to be downloaded, and there is no curl." "Install curl, or name a tarball by CONVERGE_NODE."
  has sha256sum || fail "The download of Node cannot be checked: there is no sha256sum." "Install coreutils, or name a tarball by CONVERGE_NODE."
  file=node-v$NODE_VERSION-$(platform).tar.gz
  base=${1%/}/v$NODE_VERSION
  mkdir -p "$runtime/download"
  say "Fetching $base/$file"
  fetch "$base/SHASUMS256.txt" "$runtime/download/SHASUMS256.txt" ||
    fail "$base/SHASUMS256.txt could not be fetched." "Name a mirror or a tarball of Node by CONVERGE_NODE."
  sum=$(sed -n "s/^\([0-9a-f]\{64\}\) [ *]$file\$/\1/p" "$runtime/download/SHASUMS256.txt")
  [ -n "$sum" ] || fail "$base/SHASUMS256.txt does not list $file."
  part=$runtime/download/$file.part
  status=0
  fetch "$base/$file" "$part" --continue-at - || status=$?
  case $status in
    0) ;;
    22 | 33 | 36) # The server cannot continue what is there, or there is nothing more to come: once more from the start.
      rm -f "$part"
      fetch "$base/$file" "$part" || fail "$base/$file could not be fetched."
      ;;
    *) fail "$base/$file could not be fetched." "Run this again to continue the download." ;;
  esac
  got=$(sha256sum "$part")
  got=${got%% *}
  if [ "$got" != "$sum" ]; then
    rm -f "$part"
    fail "$base/$file is not what SHASUMS256.txt promises; it was thrown away." "expected $sum" "found    $got"
  fi
  mv "$part" "$runtime/download/$file"
  unpack "$runtime/download/$file" "$1"
  rm -rf "$runtime/download"
}

node_from_npm() {
  package=node-$(platform)
  incoming
  say "Fetching Node $NODE_VERSION by npm ($package)"
  (
    cd "$runtime/incoming" && printf '{}\n' >package.json &&
      npm install --prefix . --no-audit --no-fund --ignore-scripts --loglevel=error "$package@$NODE_VERSION" >&2
  ) || return 1
  [ -x "$runtime/incoming/node_modules/$package/bin/node" ] || return 1
  suits "$runtime/incoming/node_modules/$package/bin/node" || return 1
  name=npm-$package-$NODE_VERSION
  rm -rf "${runtime:?}/$name"
  mv "$runtime/incoming/node_modules/$package" "$runtime/$name"
  rm -rf "$runtime/incoming"
  use "$runtime/$name" npm
}

node_from_wish() {
  case $CONVERGE_NODE in
    http://* | https://* | file://*) node_from_mirror "$CONVERGE_NODE" ;;
    *)
      if [ -d "$CONVERGE_NODE" ]; then
        [ -x "$CONVERGE_NODE/bin/node" ] || fail "CONVERGE_NODE names $CONVERGE_NODE, which has no bin/node."
        use "$(CDPATH='' cd -- "$CONVERGE_NODE" && pwd -P)" "$CONVERGE_NODE"
      elif [ -f "$CONVERGE_NODE" ]; then
        unpack "$CONVERGE_NODE" "$CONVERGE_NODE"
      else
        fail "CONVERGE_NODE names $CONVERGE_NODE, which does not exist." "It can be a tarball, a folder with bin/node, or the URL of a mirror."
      fi
      ;;
  esac
}

# PATH's Node stands behind the same path as a fetched one, so nothing has to look for it again.
node_from_path() {
  has node && has npm || return 1
  on_path=$(node -p process.execPath 2>/dev/null) || return 1
  suits "$on_path" || return 1
  rm -rf "$runtime/path"
  mkdir -p "$runtime/path/bin"
  ln -s "$on_path" "$runtime/path/bin/node"
  use "$runtime/path" "PATH ($on_path)"
}

bring_node() {
  if [ -n "${CONVERGE_NODE:-}" ]; then
    from=$(cat "$runtime/node.from" 2>/dev/null) || from=
    if [ "$from" = "$CONVERGE_NODE" ] && suits "$node"; then return; fi
    node_from_wish
    return
  fi
  if suits "$node" || node_from_path; then return; fi
  if has npm; then
    if node_from_npm; then return; fi
    say "npm could not provide Node; trying the tarball of nodejs.org."
  fi
  node_from_mirror "${NODEJS_ORG_MIRROR:-https://nodejs.org/dist}"
}

# --- dependencies -------------------------------------------------------------------------------------------

# The npm that came with our Node runs on it; the machine's own npm keeps the Node it was installed for.
run_npm() {
  if [ -f "$runtime/node/lib/node_modules/npm/bin/npm-cli.js" ]; then
    "$node" "$runtime/node/lib/node_modules/npm/bin/npm-cli.js" "$@"
  elif has npm; then
    npm "$@"
  else
    fail "There is no npm to install the dependencies with." "Put npm on PATH, or name a tarball of Node by CONVERGE_NODE: it brings npm along."
  fi
}

bring_dependencies() {
  stamp=$here/node_modules/.installed-lock
  if [ -f "$stamp" ] && cmp -s "$stamp" "$here/package-lock.json"; then return; fi
  say "Installing dependencies"
  rm -f "$stamp"
  (cd "$here" && run_npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2) ||
    fail "npm could not install the dependencies." "Run this again once the cause above is gone."
  mkdir -p "$here/node_modules"
  cp "$here/package-lock.json" "$stamp.part" && mv "$stamp.part" "$stamp"
}

setup() {
  mkdir -p "$runtime"
  # The kernel drops the lock with the process, so an aborted run never blocks the next one.
  exec 9>"$runtime/lock"
  if has flock && ! flock -n 9; then
    say "Another bootstrap is at work here; waiting for it."
    flock 9
  fi
  bring_node
  bring_dependencies
  exec 9>&-
  PATH=$runtime/node/bin:$PATH
  export PATH
}

# --- nodes --------------------------------------------------------------------------------------------------

home=${CONVERGE_PREFIX:-}/opt/converge

# A tarball is what its checksum says, or came by a way that nobody else can write to.
fetch_source() { # URL; it ends as $home/source.part
  case $1 in
    http://*) [ -n "$sha256" ] || fail "$1 could be changed on its way here." "Name its checksum by --sha256, or take https." ;;
  esac
  has curl || fail "$1 has to be downloaded, and there is no curl." "Install curl, or name a folder or a tarball that is here."
  say "Fetching $1"
  fetch "$1" "$home/source.part" || fail "$1 could not be fetched."
}

check_sum() { # file, what it is called
  [ -n "$sha256" ] || return 0
  has sha256sum || fail "$2 cannot be checked: there is no sha256sum." "Install coreutils."
  sum=$(sha256sum "$1")
  [ "${sum%% *}" = "$sha256" ] || fail "$2 is not what its checksum promises." "expected $sha256" "found    ${sum%% *}"
}

copy_folder() {
  rm -f "$home/source.failed"
  { tar -C "$1" -c --exclude=./node_modules --exclude=./.runtime --exclude=./sandbox . || : >"$home/source.failed"; } |
    tar -x -C "$home/tree.part" --no-same-owner || fail "$1 could not be copied."
  [ ! -e "$home/source.failed" ] || fail "$1 could not be read."
}

clone() {
  has git || fail "$1 is taken for a git repository, and there is no git." "Install git, or name a folder or a tarball."
  say "Cloning $1"
  git clone --quiet -- "${1%%#*}" "$home/tree.part" || fail "$1 could not be cloned."
  case $1 in
    *#*) git -C "$home/tree.part" checkout --quiet "${1#*#}" -- || fail "$1 has no such branch, tag or commit." ;;
  esac
}

# Nothing that is in use is touched, so whatever ends in the middle leaves the node as it was.
bring_source() { # where from; it ends as $home/tree.next
  rm -rf "$home/tree.next" "$home/tree.part" "$home/source.part"
  mkdir -p "$home/tree.part"
  case $1 in
    http://*@* | https://*@*) fail "A password in a URL can be read by everybody in the list of processes." "Let git or curl know it: git help credentials, ~/.netrc." ;;
  esac
  case $1 in
    *.tar.gz | *.tgz | *.tar.xz)
      packed=$1
      case $1 in
        http://* | https://* | file://*)
          fetch_source "$1"
          packed=$home/source.part
          ;;
      esac
      [ -f "$packed" ] || fail "There is no $1."
      check_sum "$packed" "$1"
      case $1 in *.xz) has xz || fail "$1 is packed by xz, which is not installed." "Install xz-utils (RPM: xz), or name a .tar.gz." ;; esac
      tar -xf "$packed" -C "$home/tree.part" --no-same-owner || fail "$1 could not be unpacked."
      rm -f "$home/source.part"
      ;;
    *)
      [ -z "$sha256" ] || fail "Only a tarball has a checksum, and $1 is none."
      if [ -d "$1" ]; then copy_folder "$1"; else clone "$1"; fi
      ;;
  esac
  # A tarball may hold everything in one folder.
  found=$home/tree.part
  [ -e "$found/bootstrap.sh" ] || for found in "$home/tree.part"/*/; do :; done
  found=${found%/}
  [ -f "$found/scripts/node.sh" ] || fail "$1 holds no converge that can set up a node." "There is no scripts/node.sh in it."
  # The way back is no place to follow.
  case $1 in
    "$home"/*) cp "$home/source" "$home/source.next" 2>/dev/null || : >"$home/source.next" ;;
    *) printf '%s\n' "$1${sha256:+#sha256=$sha256}" >"$home/source.next" ;;
  esac
  mv "$found" "$home/tree.next"
  rm -rf "$home/tree.part"
}

# One bootstrap at a time: held until the last of what follows has ended.
lock_node() {
  exec 8>"$home/lock"
  if has flock && ! flock -n 8; then fail "Another bootstrap is at work on this machine." "Run this again when it has ended."; fi
  # The tree is changed by two renames; whoever was stopped between them left it aside.
  if [ ! -e "$home/tree" ] && [ -d "$home/tree.before" ]; then mv "$home/tree.before" "$home/tree"; fi
}

# Sets what the options of a node say that is of use before there is a Node.
read_options() {
  source=${CONVERGE_SOURCE:-}
  sha256=
  before=
  for argument; do
    case $before in
      --source) source=$argument ;;
      --sha256) sha256=$argument ;;
    esac
    case $argument in
      --source=*) source=${argument#*=} ;;
      --sha256=*) sha256=${argument#*=} ;;
    esac
    before=$argument
  done
}

# Brings the source where one is called for, and leaves the rest to the scripts in it.
node_verb() {
  umask 022
  CONVERGE_BEGAN=$(date +%s)
  export CONVERGE_BEGAN
  case " $* " in *" --help "* | *" -h "*) node_usage && return ;; esac
  [ -n "${CONVERGE_PREFIX:-}" ] || [ "$(id -u)" = 0 ] || fail "\"$1\" changes this machine, so it has to be run as root."
  read_options "$@"
  case $1 in
    app | db | update)
      if [ -z "$source" ] && [ "$here" != "$home/tree" ] && [ -f "$here/scripts/node.sh" ]; then source=$here; fi
      if [ -z "$source" ] && [ "$1" = update ]; then source=$(cat "$home/source" 2>/dev/null) || source=; fi
      ;;
    *) source= ;;
  esac
  if [ -n "$source" ]; then mkdir -p "$home"; fi
  if [ -d "$home" ] && [ "$1" != share ]; then lock_node; fi
  if [ -n "$source" ]; then
    case $source in
      *#sha256=*)
        sha256=${source##*#sha256=}
        source=${source%#sha256=*}
        ;;
    esac
    # A path counts from where this was called.
    if [ -e "$source" ]; then source=$(CDPATH='' cd -- "$(dirname -- "$source")" && pwd -P)/$(basename -- "$source"); fi
    [ "$source" != "$home/tree" ] || fail "A node is not bootstrapped from its own tree." "Name another source."
    bring_source "$source"
    exec "$home/tree.next/scripts/node.sh" "$@"
  fi
  if [ -f "$here/scripts/node.sh" ]; then exec "$here/scripts/node.sh" "$@"; fi
  [ -f "$home/tree/scripts/node.sh" ] || fail "There is no source to take converge from." "Name one by --source or CONVERGE_SOURCE: a folder, a tarball or a git repository."
  exec "$home/tree/scripts/node.sh" "$@"
}

# --- verbs --------------------------------------------------------------------------------------------------

case ${1:-} in
  setup)
    setup
    say "Ready: ./converge --help"
    ;;
  demo)
    setup
    shift
    exec "$here/demo/run.sh" "$@"
    ;;
  test)
    setup
    shift
    exec "$node" "$here/scripts/test.ts" "$@"
    ;;
  app | db | update | share | decommission | engine)
    node_verb "$@"
    ;;
  -h | --help | help)
    usage
    ;;
  '')
    usage >&2
    exit 64
    ;;
  *)
    say "error: There is no verb \"$1\"."
    usage >&2
    exit 64
    ;;
esac
