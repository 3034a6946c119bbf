source: test.succeed_with_changes
failing:
  test.fail_without_changes:
    - watch:
      - test: source
quiet:
  test.succeed_without_changes:
    - watch:
      - test: source
moving:
  test.succeed_with_changes:
    - watch:
      - test: source
still: test.succeed_without_changes
watches nothing moving:
  test.fail_without_changes:
    - watch:
      - test: still
