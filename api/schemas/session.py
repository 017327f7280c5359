"""Logging in and who is logged in."""

from datetime import datetime

from pydantic import Field

from api.schemas.base import ApiModel, UnitRef
from wardwatch.model.access import Role


class Login(ApiModel):
    """A user name and a password."""

    username: str = Field(min_length=1, max_length=120, examples=["admin"])
    password: str = Field(min_length=1, max_length=1024, examples=["correct horse battery staple"])


class GrantView(ApiModel):
    """A role over the subtree of a unit; `unit` null is the whole city."""

    role: Role
    unit: UnitRef | None


class SessionView(ApiModel):
    """Who is logged in and what they may do; the cookie carries the token, this never does."""

    user: str = Field(examples=["admin"])
    full_name: str = Field(examples=["Quản trị viên"])
    language: str = Field(examples=["vi"])
    roles: list[Role] = Field(description="Every role held anywhere, sorted.")
    grants: list[GrantView]
    whole_city: bool = Field(description="Whether the caller sees every unit.")
    expires_at: datetime
