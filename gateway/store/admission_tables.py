"""The tables of who may send: orders that signatures made, what senders use, shared keys."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    false,
)

from gateway.store.columns import UtcTime, metadata, row_of

# A signature of a mail is an order to a number once: a copy of the mail is not a second one.
signature = Table(
    "signature",
    metadata,
    Column("digest", String, primary_key=True),
    Column("number", String, primary_key=True),
    Column("subaddress", String, primary_key=True),
    row_of("job"),
)

# What a recipient uses, entered to each account of its sender: what is predicted (call 0), and what
# each call took.
charge = Table(
    "charge",
    metadata,
    row_of("recipient", primary_key=True),
    Column("account", String, primary_key=True),
    Column("call", Integer, primary_key=True, server_default="0"),
    Column("at", UtcTime, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("cost", BigInteger, nullable=False),  # millionths of the currency
    Column("rate", JSON, nullable=False),  # and what was predicted for one call, in seconds
    Index("ix_charge_account", "account", "at"),
)

# Keys that all gateways of one queue share.
secret = Table(
    "secret",
    metadata,
    Column("name", String, primary_key=True),
    Column("octets", LargeBinary, nullable=False),
)

# A mail of somebody's IMAP folder is one order, whatever happens between our taking it and its
# leaving the folder. `digest` is of its octets, for a server that numbers its mails anew.
posted = Table(
    "posted",
    metadata,
    Column("outbox", String, primary_key=True),
    Column("uid_validity", BigInteger, primary_key=True, autoincrement=False),
    Column("uid", BigInteger, primary_key=True, autoincrement=False),
    Column("digest", String, nullable=False),
    row_of("job"),
    Column("filed", Boolean, nullable=False, default=False, server_default=false()),
)
