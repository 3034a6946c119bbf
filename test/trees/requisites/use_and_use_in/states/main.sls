source:
  test.nop:
    - text: shared
    - other: 1
    - onlyif: 'true'
    - require:
      - test: first
first: test.nop
user:
  test.nop:
    - use: [{test: source}]
    - text: own
    - name: mine
user of user:
  test.nop:
    - use: [{test: user}]
giver:
  test.nop:
    - given: yes
    - names: [a]
    - use_in: [{test: taker}]
taker: test.nop
