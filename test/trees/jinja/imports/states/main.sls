{% from 'lib/macros.jinja' import greet, port as p with context %}
{% import 'lib/macros.jinja' as lib %}
{% import_yaml 'data/map.yaml' as map %}
{% import_json 'data/map.json' as jmap %}
{% import_text 'data/note.txt' as note %}
{% from './beside.jinja' import here %}
{% load_yaml as inline %}
x: [1, 2]
y: {{ p }}
{% endload %}
a:
  test.nop:
    - greet: {{ greet('you') }}
    - port: {{ p }}
    - lib: {{ lib.port }}
    - map: {{ map.a.b }}
    - json: {{ jmap['k'][0] }}
    - note: '{{ note | trim }}'
    - here: {{ here }}
    - inline: {{ inline.x[1] }} {{ inline['y'] }}
    - included: '{% include 'lib/part.jinja' %}'
    - missing: '{% include 'lib/none.jinja' ignore missing %}'
    - tplfile: {{ tplfile }} {{ sls }} {{ slspath }}
