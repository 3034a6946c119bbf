{{ pillar.web.port }}: test.nop
