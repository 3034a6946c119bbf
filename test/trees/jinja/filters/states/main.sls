a:
  test.nop:
    - text: "{{ 'Hello World' | lower }} {{ 'abc' | upper }} {{ 'a b' | title }} {{ ' x ' | trim }} {{ 'abc' | replace('b', 'x') }} {{ 'abc' | first }} {{ 'abc' | length }} {{ 'a,b' | truncate(2, true, '') }}"
    - lists: "{{ [3, 1, 2] | sort }} {{ [1, 2, 2] | unique }} {{ [1, 2] | sum }} {{ [1, 2, 3] | max }} {{ [[1, 2], [3]] | sum(start=[]) }} {{ [1, 2, 3] | map('string') | join('-') }} {{ [1, 2, 3] | select('odd') | list }} {{ [1, 2, 3] | reject('odd') | list }}"
    - dicts: "{{ [{'n': 'a', 'v': 1}, {'n': 'b', 'v': 2}] | map(attribute='n') | list }} {{ [{'n': 'a', 'v': 1}, {'n': 'b', 'v': 2}] | selectattr('v', 'equalto', 2) | map(attribute='n') | first }}"
    - defaults: "{{ gone | default('d') }} {{ '' | default('e', true) }} {{ none | default('f') }}"
    - numbers: "{{ '42' | int + 1 }} {{ 'x' | int(7) }} {{ 3.7 | round }} {{ 3.14159 | round(2) }} {{ '1.5' | float }} {{ -3 | abs }}"
    - yaml: {{ {'a': [1, 'x'], 'b': none} | yaml }}
    - json: {{ {'b': 1, 'a': [true, none]} | json }}
    - tojson: '{{ {'b': '<x>', 'a': 1} | tojson }}'
    - salt: "{{ 'abc' | regex_replace('b', 'x') }} {{ 'abc' | regex_search('(b)') }} {{ 'yes' | to_bool }} {{ 'x y' | quote }} {{ [1, 2] | difference([2]) }} {{ 'a' | sha256 | length }} {{ 'abc' | b64encode }}"
    - batch: "{{ [1, 2, 3, 4, 5] | batch(2) | list }}"
    - groupby: "{% for k, v in [{'t': 'a', 'n': 1}, {'t': 'b', 'n': 2}, {'t': 'a', 'n': 3}] | groupby('t') %}{{ k }}:{{ v | map(attribute='n') | list }} {% endfor %}"
