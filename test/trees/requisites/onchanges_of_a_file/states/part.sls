moved: test.succeed_with_changes
still: test.succeed_without_changes
