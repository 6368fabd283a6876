"""`python -m t4codec` says whether the compiled codec is in use."""

from __future__ import annotations

import sys

import t4codec

sys.stdout.write(f"t4codec is {'compiled' if t4codec.compiled else 'interpreted (slow)'}\n")
