dict: {one: a, two: a, deep: {x: a, y: a}}
list: [a, a]
text: a
kept: a
to_none: a
number: {1: a}
