# -*- coding: utf-8 -*-
include:
  - .install
