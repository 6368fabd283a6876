"""Everything between a coded page and the telephone line."""
