"""Mail in: one listener, answers in the dialogue, 250 only for what is on disk.

`server` holds the sockets, `connection` speaks with one client, `transaction` decides about one
mail, `body` collects its octets, `command` and `reply` are the language.
"""

from gateway.smtp.desk import Accepts
from gateway.smtp.server import MailServer

__all__ = ["Accepts", "MailServer"]
