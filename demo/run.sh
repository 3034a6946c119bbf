#!/bin/sh
# The demo: converges a small tree into a folder, shows that a second run has nothing to do, and repairs a damage.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
sandbox=${1:-$here/../sandbox}

if [ -t 1 ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); else bold='' plain=''; fi
tell() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
wrong() {
  printf '\nerror: %s\n' "$*" >&2
  exit 1
}
converge() {
  "$here/../converge" highstate --root "$sandbox" --id demo \
    --states "$here/states" --pillar "$here/pillar" --templates "$here/templates" "$@"
}

rm -rf "$sandbox"
mkdir -p "$sandbox"
sandbox=$(CDPATH='' cd -- "$sandbox" && pwd -P)
config=$sandbox/etc/proxy/proxy.cfg

tell '1. An empty folder becomes what demo/states describes.'
converge
cp "$config" "$sandbox/before"

tell '2. The same again: nothing is left to do.'
converge
converge --test --detailed-exitcode --output quiet >/dev/null || wrong 'the second run should have had nothing to do.'

tell '3. Somebody damages a file, and the third run heals it.'
printf '$ echo "  bind :81" >> %s\n\n' "$config"
echo '  bind :81' >>"$config"
converge --state-output changes
cmp -s "$config" "$sandbox/before" || wrong 'the damaged file was not healed.'
rm "$sandbox/before"

tell "The result is in $sandbox; the tree is in demo/. Next: ./converge --help and docs/."
