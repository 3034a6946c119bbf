{%- set words = ['a', 'b'] -%}
a:
  test.nop:
    - list: [{% for w in words %}{{ w }}{{ ', ' if not loop.last }}{% endfor %}]
    {%- if true %}
    - inside: 1
    {%- endif %}
    - after: {{- ' x ' -}} # comment
    - raw: '{% raw %}{{ kept }}{% endraw %}'
{# a comment
   of two lines #}
