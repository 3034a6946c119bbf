include: [..a]
