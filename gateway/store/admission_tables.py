"""The tables of who may send: orders that signatures made, what senders use, shared keys."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Float, Index, Integer, LargeBinary, String, Table

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

# What a recipient uses, entered to each account of its sender: as predicted, then as it was.
charge = Table(
    "charge",
    metadata,
    row_of("recipient", primary_key=True),
    Column("account", String, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("cost", BigInteger, nullable=False),  # millionths of the currency
    Column("rate", JSON, nullable=False),
    Index("ix_charge_account", "account", "at"),
)

# Keys that all gateways of one queue share.
secret = Table(
    "secret",
    metadata,
    Column("name", String, primary_key=True),
    Column("octets", LargeBinary, nullable=False),
)
