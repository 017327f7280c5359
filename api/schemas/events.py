"""Events: ECS documents and counts of them."""

from datetime import datetime
from typing import Any

from pydantic import Field

from api.schemas.base import ApiModel


class EventView(ApiModel):
    """An event; (`source`, `offset`) is its identity. In lists the document comes without `event.original`."""

    source: str = Field(examples=["6c3f0b1e-3a0e-4f3f-8a57-2f4b8f3f9b10"])
    offset: int = Field(examples=[1048576])
    at: datetime
    dataset: str = Field(examples=["suricata.alert"])
    document: dict[str, Any] = Field(
        description="The ECS document (nested).",
        examples=[
            {
                "event": {"kind": "alert", "dataset": "suricata.alert", "severity": 1},
                "rule": {"id": "9000001", "name": "WARDWATCH SQL injection in URI"},
                "source": {"ip": "198.51.100.7"},
                "destination": {"ip": "10.0.2.15"},
            }
        ],
    )


class EventCounts(ApiModel):
    """Events of the query counted by one ECS key, most first; events without the key stand under the empty string."""

    by: str = Field(examples=["event.dataset"])
    total: int = Field(examples=[1200])
    counts: dict[str, int] = Field(examples=[{"suricata.flow": 900, "suricata.alert": 300}])
