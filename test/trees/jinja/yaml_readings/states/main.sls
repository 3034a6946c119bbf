a:
  test.nop:
    - mode: 0644
    - quoted: '0644'
    - sexagesimal: 22:22
    - exponent: 1e3
    - float: 1.50
    - date: 2024-01-02
    - booleans: [yes, no, on, off, True, y, n]
    - nulls: [null, ~, '']
    - octal: 0o17
    - hex: 0x1F
    - text: |
        one
          two
    - folded: >
        one
        two

        three
    - kept: |+
        x

    - stripped: |-
        x
    - anchors: [&a [1], *a]
    - merge: {<<: {x: 1, y: 1}, y: 2}
    - underscore: 1_000
    - plus: +5
    - multi: a
        b
    - version: 1.10.0
    - colon: 'a: b'
    - unicode: "\u00e9 é"
    - tagged: !!str 5
    - printed: {{ None }} {{ True }}
    - none: {{ None }}
