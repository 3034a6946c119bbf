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
# Node forgets that it was told to ignore hang-ups (nohup), so it is told again. Without a terminal there are none.
ignores_hangups() {
  read -r stat < "/proc/$$/stat" || return 1
  # The 33rd field is the mask of ignored signals, in which SIGHUP is the lowest bit (proc_pid_stat(5)).
  # shellcheck disable=SC2086 # It is the fields that are wanted.
  set -- ${stat##*) }
  case ${31} in *[13579]) ;; *) return 1 ;; esac
}
if [ -n "$TERM" ] && ignores_hangups 2> /dev/null; then export CONVERGE_NOHUP=1; fi
case $1 in
  watch)
    # It stays, and does little: no compiler that only long runs pay for, one thread to help, memory that is given back.
    export MALLOC_ARENA_MAX=1 CONVERGE_SMALL=1
    exec "$node" --min-semi-space-size=1 --max-semi-space-size=1 --no-opt --no-maglev \
      --v8-pool-size=1 --expose-gc "$here/lib/start.cjs" "$@"
    ;;
esac
# A small nursery for young objects: half the memory of V8's default on large trees, and no slower.
exec "$node" --min-semi-space-size=4 --max-semi-space-size=4 "$here/lib/start.cjs" "$@"
