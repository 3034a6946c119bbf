{{ pillar.web.port + 1 }}: test.nop
