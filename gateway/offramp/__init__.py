"""Mail to fax: from an accepted mail to a finished call."""
