"""Chaos: a real gateway, real mails, faults on its lines, and somebody who pulls the plug.

What must hold after any such round is written in `judge`; what happens in one, in `story`.
"""
