{%- from '../map.jinja' import web with context %}
{%- set extra = {} %}
{%- do extra.update({'k': web.deep.x}) %}
{%- set list = [] %}
{%- for n in range(3) %}{% do list.append(n) %}{% endfor %}
sub:
  test.nop:
    - extra: {{ extra }}
    - list: {{ list }}
    - sls: {{ sls }} {{ slspath }} {{ tpldir }} {{ slsdotpath }}
    - merged: {{ salt['slsutil.merge']({'a': {'x': 1}}, {'a': {'y': 2}}) | json }}
    - dotted: {{ salt.pillar.get('web:port') }} {{ salt.grains.get('kernel') }} {{ grains.id }} {{ opts.id }} {{ opts['test'] }}
    - config: {{ salt['config.get']('web:deep:y', 'none') }}
    - saltenv: {{ saltenv }} {{ env }}
