{{ pillar.web.nowhere }}: test.nop
