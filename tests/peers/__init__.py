"""Foreign fax software as far ends: soft modems, a fax machine, efax, HylaFAX, iaxmodem."""
