# -*- coding: utf-8 -*-
include:
  - .running
