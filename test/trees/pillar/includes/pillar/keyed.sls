keyed: 1
