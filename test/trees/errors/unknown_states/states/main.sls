a: tset.nop
b: test.noop
c: nothing.like_it
