#!json
{"data": {"test.nop": [{"text": "{{ not rendered }}"}]}}
