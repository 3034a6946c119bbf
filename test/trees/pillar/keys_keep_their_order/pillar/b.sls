dict: {b: 2, a: 2, z: 2}
numbers: {1: one}
