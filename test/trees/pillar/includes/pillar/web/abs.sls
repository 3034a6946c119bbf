include: [.part]
abs: 1
name: abs
