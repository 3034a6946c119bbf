base:
  '*': [all]
  'node1': [exact]
  'node[0-9]': [set]
  'NODE1': [wrong]
  'G@kernel:Linux and E@^node\d$ and not L@node2,node3': [compound]
  '( node1 or node2 ) and not node3': [parentheses]
  'I@role:web': [pillar]
  'role:w*':
    - match: pillar
    - pillar_glob
  'role:w':
    - match: pillar_exact
    - wrong
  'role:web':
    - match: pillar_exact
    - pillar_exact
  'J@role:^w.b$': [pillar_pcre]
  'kernel:^Lin':
    - match: grain_pcre
    - grain_pcre
  'tree:deep:leaf':
    - match: pillar
    - pillar_deep
  'I@list:two': [pillar_list]
  'S@127.0.0.0/8': [subnet]
  'P@kernel:(Linux|Plan9)': [grain_regex]
  'not node1': [wrong]
