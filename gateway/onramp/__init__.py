"""onramp."""
