#!jinja|json
{"both": {"test.nop": [{"n": {{ 1 + 1 }}}]}}
