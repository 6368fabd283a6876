"""Where a received fax goes besides mail: one module a kind, one verb."""

from gateway.onramp.targets.build import build_target
from gateway.onramp.targets.parcel import Parcel, Target

__all__ = ["Parcel", "Target", "build_target"]
