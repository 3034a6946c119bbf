accounts:
  groups:
    developers: 3000
    operators: 3001
  users:
    alice:
      uid: 4001
      fullname: Alice Archer
      groups: [developers, operators]
      key: AAAAC3NzaC1lZDI1NTE5AAAAIJbnUSuh6SYDbBaoTQA2MRXrKRr7IFtoDnCRxYgqWuIf
    bob:
      uid: 4002
      fullname: Bob Baker
      groups: [developers]
      key: AAAAC3NzaC1lZDI1NTE5AAAAIN8dC7gvlXpVl9zdIQAiXvYh3yhtGiYkbzVhYv0hNl2p
  # "correct horse", as crypt(3) has it.
  password: $6$lab$1qH8KXjTvvXTLPmJAgs3cO6W0n8j2yCjUZ4zqKVmM1t3Bgf9s8pQbq3u1S8uG5lPZ2b8mS9mP3o5m1XHc4n6u/
