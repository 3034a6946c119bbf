base: {'*': [node]}
