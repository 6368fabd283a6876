"""Mail out: how a mail of ours is made, kept owed until somebody takes it, and handed over."""

from gateway.mailout.transport import PermanentFailure, TemporaryFailure, Transport
from gateway.mailout.transports import build_transport
from gateway.mailout.worker import Composer, DeliveryWorker, Draft, Outbox

__all__ = [
    "Composer",
    "DeliveryWorker",
    "Draft",
    "Outbox",
    "PermanentFailure",
    "TemporaryFailure",
    "Transport",
    "build_transport",
]
