"""Email to fax and fax to email."""
