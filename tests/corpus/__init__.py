"""Ordinary and hostile mails, and what becomes of them, for people to look at."""
