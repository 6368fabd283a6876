"""T.30: the order and the time of a fax call, over any half-duplex line."""
