"""What we answer: a reply code of RFC 5321, an enhanced status code of RFC 3463, a sentence.

Every answer after the greeting carries its enhanced code (RFC 2034), also those that aiosmtpd
writes by itself. The text is for the person who reads the bounce: what was wrong, never how we
work inside.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Reply:
    """One line of an answer."""

    code: int  # RFC 5321 4.2.3
    status: str  # RFC 3463
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.status} {self.text}"

    @property
    def refuses(self) -> bool:
        """Whether the client did not get what it asked for."""
        return self.code >= 400


OK: Final = Reply(250, "2.0.0", "Done")
SENDER_OK: Final = Reply(250, "2.1.0", "Sender noted")
RECIPIENT_OK: Final = Reply(250, "2.1.5", "Recipient noted")
LOGGED_IN: Final = Reply(235, "2.7.0", "Logged in")
NOT_VERIFIED: Final = Reply(252, "2.5.0", "Not looked up; RCPT says whether it is taken")

SHUTTING_DOWN: Final = Reply(421, "4.3.2", "The gateway is stopping; try again in a minute")
NOT_SMTP: Final = Reply(421, "4.7.0", "This is a mail server, and that was no SMTP; closing")
TOO_SLOW: Final = Reply(421, "4.4.2", "Nothing was heard for too long; closing")
TOO_MANY_CLIENTS: Final = Reply(421, "4.3.2", "Too many connections; try again later")
TOO_MANY_FROM_YOU: Final = Reply(421, "4.7.0", "Too many connections from your address")
TOO_MANY_ERRORS: Final = Reply(421, "4.7.0", "Too many errors; closing")
INTERNAL_ERROR: Final = Reply(451, "4.3.0", "The gateway could not do that now; try again later")
NOT_STORED: Final = Reply(451, "4.3.0", "The mail could not be stored; try again later")
NO_ROOM: Final = Reply(452, "4.3.1", "Too much mail at this moment; try again later")
DISK_FULL: Final = Reply(452, "4.3.1", "The gateway has no room left for mail; try again later")
TOO_MANY_RECIPIENTS: Final = Reply(452, "4.5.3", "Too many recipients for one mail")
TOO_MANY_LOGINS: Final = Reply(454, "4.7.0", "Too many failed logins; try again later")

NOT_ASCII: Final = Reply(501, "5.5.4", "The command is neither ASCII nor UTF-8")
MAIL_SYNTAX: Final = Reply(501, "5.5.4", "Syntax: MAIL FROM:<address> [parameters]")
RCPT_SYNTAX: Final = Reply(501, "5.5.4", "Syntax: RCPT TO:<address> [parameters]")
VRFY_SYNTAX: Final = Reply(501, "5.5.4", "Syntax: VRFY <address>")
DATA_SYNTAX: Final = Reply(501, "5.5.4", "Syntax: DATA")
AUTH_SYNTAX: Final = Reply(501, "5.5.4", "Syntax: AUTH PLAIN or AUTH LOGIN")
BAD_CREDENTIALS_FORM: Final = Reply(501, "5.5.2", "The credentials could not be decoded")
NO_USERS: Final = Reply(502, "5.5.1", "Nobody can log in here")
MAIL_TWICE: Final = Reply(503, "5.5.1", "A mail is being given already; RSET begins anew")
MAIL_FIRST: Final = Reply(503, "5.5.1", "MAIL comes first")
RCPT_FIRST: Final = Reply(503, "5.5.1", "No recipient was accepted")
TLS_ALREADY: Final = Reply(503, "5.5.1", "The connection is encrypted already")
LOGGED_IN_ALREADY: Final = Reply(503, "5.5.1", "You have logged in already")
NOT_IN_A_MAIL: Final = Reply(503, "5.5.1", "Not while a mail is being given")
UNKNOWN_MECHANISM: Final = Reply(504, "5.5.4", "Only PLAIN and LOGIN are known")
BAD_LOGIN: Final = Reply(535, "5.7.8", "Name or password is wrong")
TLS_FIRST: Final = Reply(538, "5.7.11", "Passwords are taken over TLS only; STARTTLS first")
NULL_SENDER: Final = Reply(
    550, "5.7.1", "Bounces and automatic replies (null sender) cannot send a fax"
)
AUTOMATIC_REPLY: Final = Reply(
    550, "5.7.1", "Automatic replies (Auto-Submitted: auto-replied) cannot send a fax"
)
BAD_SENDER: Final = Reply(
    553, "5.1.7", "The sender must be name@domain, or the receipt could not reach you"
)
NEEDS_SMTPUTF8: Final = Reply(553, "5.6.7", "The address needs SMTPUTF8")
LOOP: Final = Reply(554, "5.4.6", "The mail has passed too many servers: a loop")
SMUGGLED: Final = Reply(
    554, "5.6.0", "A line with one dot does not end in CR LF; the mail could be read in two ways"
)
NOT_A_MAIL: Final = Reply(554, "5.6.0", "Blank lines without end are no mail; closing")
UNKNOWN_PARAMETER: Final = Reply(555, "5.5.4", "A parameter is not known or not well written")

# Enhanced codes for the answers that aiosmtpd writes without one.
#  code  status      when it does
DEFAULT_STATUS: Final = {
    "221": "2.0.0",  # QUIT
    "250": "2.0.0",  # NOOP, RSET, HELP
    "421": "4.7.0",
    "454": "4.7.0",  # STARTTLS without a certificate
    "500": "5.5.2",  # line too long, unknown command
    "501": "5.5.4",  # arguments
    "502": "5.5.1",  # EXPN, too many unknown commands
    "503": "5.5.1",  # out of order
    "530": "5.7.0",
    "554": "5.7.0",
}


def too_large(limit: int) -> Reply:
    """For a mail over `limit` octets."""
    return Reply(552, "5.3.4", f"The mail is larger than {limit} octets")


_PLAIN_LINE = re.compile(r"(\d{3}) (?!\d\.\d{1,3}\.\d{1,3} )")


def with_status(line: str) -> str:
    """An answer of aiosmtpd's own with an enhanced code, unless it has one or may have none."""
    match = _PLAIN_LINE.match(line)
    status = DEFAULT_STATUS.get(match[1]) if match else None
    return f"{line[:3]} {status} {line[4:]}" if status else line
