role: web
tree: {deep: leaf}
list: [one, two]
