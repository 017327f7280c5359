"""The HTTP API: what people and pages ask of WardWatch, under `/api/v1`."""

from api.accounts import ensure_administrator
from api.app import create_app
from api.settings import ApiSettings
from api.stream import LiveHub

__all__ = ["ApiSettings", "LiveHub", "create_app", "ensure_administrator"]
