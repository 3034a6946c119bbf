#!jinja|yaml
got: {{ extra | default([]) | json }}
