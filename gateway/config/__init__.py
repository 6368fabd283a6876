"""The administrator's YAML: the model of it, and reading it with every error in its place."""
