{% set x = 5 %}
shared: {{ x }}
