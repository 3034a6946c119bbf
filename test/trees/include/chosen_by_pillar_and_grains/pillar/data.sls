parts: [b, a]
