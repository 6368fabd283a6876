"""The numbers by which the hot modules and their callers understand each other."""

from __future__ import annotations

# Compression.
MH = 0
MR = 1
MMR = 2

# What became of a row.
MORE = 0  # the bits ended between two codes
DONE = 1
BAD = 2
