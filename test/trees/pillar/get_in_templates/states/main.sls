{% set nothing = salt['pillar.get']('no:such:path') %}
check:
  test.nop:
    - deep: {{ salt['pillar.get']('a:b:c') }}
    - number_key: {{ salt['pillar.get']('ports:8080') }}
    - index: {{ salt['pillar.get']('list:1') }}
    - in_list: {{ salt['pillar.get']('dicts:name') }}
    - default: {{ salt['pillar.get']('gone', 'fallback') }}
    - default_dict: {{ salt['pillar.get']('gone', {'k': 1}) | json }}
    - merged: {{ salt['pillar.get']('a', {'b': {'d': 1}, 'e': 2}, merge=True) | json }}
    - nothing: '[{{ nothing }}]'
    - null_value: '[{{ salt['pillar.get']('nil', 'unused') }}]'
    - delimiter: {{ salt['pillar.get']('a|b|c', delimiter='|') }}
    - direct: {{ pillar['a']['b']['c'] }}
    - dotted: {{ pillar.a.b.c }}
    - with_get: {{ pillar.get('gone', 'default') }}
    - length: {{ pillar['list'] | length }}
