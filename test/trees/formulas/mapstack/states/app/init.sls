{%- set tplroot = tpldir.split("/")[0] %}
{%- from tplroot ~ "/map.jinja" import app with context %}
include: [app._mapdata]
app-settings:
  file.serialize:
    - name: /etc/app.yaml
    - formatter: yaml
    - makedirs: true
    - dataset: {{ app | yaml }}
app-json:
  file.serialize:
    - name: /etc/app.json
    - serializer: json
    - serializer_opts: [{indent: 2}, {sort_keys: true}]
    - dataset_pillar: app
app-version-{{ app.version }}:
  test.configurable_test_state:
    - changes: False
    - result: {{ app.flags }}
    - comment: {{ "%s|%s|%.1f|%05d" | format(app.mode, app.when, app.ratio, 7) | yaml_squote }}
{% set items = [3, 1, 2] %}
app-idioms:
  file.managed:
    - name: /etc/idioms
    - contents: |
        sorted {{ items | sort | join(',') }} rev {{ items | sort(reverse=True) | first }} {{ items[::-1] }} {{ items[-1:] }}
        {{ 'a,b , c'.split(',') | map('trim') | list }} {{ ['x', 'y'] | map('upper') | join }}
        {{ {'b': 1, 'a': 2} | dictsort }} {{ {'b': 1, 'a': 2}.items() | list }} {{ {'a': 1}.keys() | list }}
        {{ [{'n': 'a', 'v': 1}, {'n': 'b', 'v': 0}] | selectattr('v') | map(attribute='n') | list }}
        {{ [{'n': 'a', 'v': 1}, {'n': 'b', 'v': 0}] | selectattr('v', 'equalto', 0) | map(attribute='n') | first }}
        {{ [{'n': 'a', 'g': 1}, {'n': 'b', 'g': 0}, {'n': 'c', 'g': 1}] | groupby('g') | map('last') | map('length') | list }}
        {{ 'yes' if 'a' in ['a'] and not none is defined else 'no' }} {{ 5 // 2 }} {{ 7 % 3 }} {{ 2 ** 8 }} {{ 1 / 2 }}
        {{ 'web01.example.org'.partition('.')[2] }} {{ 'web01' | regex_replace('[0-9]+$', '') }} {{ 'a-b' | replace('-', '_') }}
        {{ ('abc' | regex_search('(b)'))[0] }} {{ 'abc' | regex_match('x') is none }} {{ '10.0.0.0/8' | network_size if false else '' }}
        {{ 'x' ~ 1 ~ None }} {{ [1, [2, [3]]] | flatten }} {{ [1, 2, 3] | batch(2) | list }} {{ 'abcdef' | truncate(4, True, '') }}
        {{ "%s-%s" % ('a', 'b') }} {{ "{0}/{1:>4}".format('a', 'b') }} {{ 'Ab'.lower() }} {{ 'a b'.title() }} {{ '%02d' % 5 }}
        {{ lookup_missing | default('dflt') }} {{ {}.get('x', {}).get('y', 'deep') }} {{ [] | first | default('none') }}
        {{ 'a' in 'abc' }} {{ 3 in (1, 2, 3) }} {{ 'foo.bar'.endswith(('.bar', '.baz')) }} {{ ' x '.strip() }} {{ 'a:b:c'.rsplit(':', 1) }}
        {{ salt['grains.filter_by']({'A': 1, 'default': 2}, grain='nope') }} {{ salt['pillar.get']('app:deep:er', 'd') }} {{ pillar.get('x', none) is none }}
        {{ salt['file.basename']('/a/b.c') }} {{ salt['file.dirname']('/a/b.c') }}
        {{ '1.10.2'.split('.') | map('int') | list }} {{ [1,2] | sum }} {{ '5' | int + 1 }} {{ 'x' | int(9) }} {{ 2.5 | round | int }} {{ 3.7 | int }}
        {{ 'abc' | upper | list | join('.') }} {{ 'abc'[1:] }} {{ (1, 2) + (3,) }} {{ [1] * 3 }} {{ 'é' | urlencode }} {{ 'a"b' | tojson }}
        {{ {'a': {'b': [1, 2]}} | traverse('a:b:1') }} {{ 'foo' | md5 }} {{ 'foo' | base64_encode }} {{ '2024-01-01' | strftime('%d.%m.%y') }}
        {%- for k, v in {'q': 1, 'w': 2}.items() recursive %} {{ loop.index }}/{{ loop.length }}:{{ k }}{{ ',' if not loop.last }}{%- else %}none{%- endfor %}
        {%- set x = 1 %}{% if x == 1 and (x is odd) and x is not even and x is number %} odd{% elif x > 1 %} big{% else %} no{% endif %}
        {%- filter upper %} filtered {{ x }}{% endfilter %}{% set block %}captured {{ x }}{% endset %} {{ block }}
        {% raw %}{{ raw }} {% endraw %}{{ '{{' }} {{ "}}" }}
        {%- with y = 5 %} with {{ y }}{% endwith %} {{ cycler('a', 'b').next() }} {{ namespace(a=1).a }} {{ joiner('|')() }}
        {{ 'x' is sameas 'x' }} {{ 5 is divisibleby 5 }} {{ [] is iterable }} {{ {} is mapping }} {{ 'a' is in ['a'] }} {{ none is none }} {{ x is defined }} {{ 'abc' is match('a') if false }}
