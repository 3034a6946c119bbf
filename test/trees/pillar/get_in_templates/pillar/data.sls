a: {b: {c: found}}
ports: {8080: web}
list: [zero, one]
dicts: [{name: first}, {name: second}]
nil:
