#!/bin/sh
# Starts converge from this folder, wherever it was copied and linked to, on the Node that lies in it.
self=$0
while [ -h "$self" ]; do
  target=$(readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=${self%/*}/$target ;;
  esac
done
here=${self%/*}
node=$here/lib/node
[ -x "$node" ] || node=node
# A small nursery for young objects: half the memory of V8's default on large trees, and no slower.
exec "$node" --min-semi-space-size=4 --max-semi-space-size=4 "$here/lib/start.cjs" "$@"
