who: early
early: 1
