"""The gateway as an IMAP client, beside a real Dovecot."""
