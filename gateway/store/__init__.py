"""What the gateway must not forget: every table and every transaction."""
