dict: {two: b, deep: {y: b}}
list: [b]
text: {now: dict}
to_none:
number: {1: b}
