"""The administrator's YAML, checked."""
