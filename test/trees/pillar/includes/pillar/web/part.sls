name: part
part: 1
list: [part]
