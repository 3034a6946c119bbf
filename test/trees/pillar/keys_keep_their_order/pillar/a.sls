dict: {z: 1, b: 1}
numbers: {10: ten, 2: two}
