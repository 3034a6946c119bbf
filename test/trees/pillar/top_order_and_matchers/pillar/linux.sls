who: linux
linux: 1
