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
exec "$node" "$here/lib/start.cjs" "$@"
