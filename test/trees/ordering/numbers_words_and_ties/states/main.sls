z_default: test.nop
a_default: test.nop
minus_one:
  test.nop: [{order: -1}]
minus_two:
  test.nop: [{order: -2}]
z_last:
  test.nop: [{order: last}]
a_last:
  test.nop: [{order: last}]
unknown_word:
  test.nop: [{order: soon}]
first:
  test.nop: [{order: first}]
half:
  test.nop: [{order: 1.5}]
one:
  test.nop: [{order: 1}]
two:
  test.nop: [{order: 2}]
z_tie:
  test.nop: [{order: 2}]
a_tie:
  test.nop: [{order: 2}]
between:
  test.nop: [{order: 10000.5}]
