"""The shape of what SLO files and slogen.yaml say of Cloud Monitoring."""

import re
from typing import Annotated, Final

from slogen.diagnostics import shown
from slogen.scalars import Filled, filled, refuse
from slogen.shape import Field, Scalar, Shape

PROJECT: Final = r"(?:(?:[a-z0-9][-a-z0-9.]*:)?[a-z][-a-z0-9]{4,28}[a-z0-9]|[0-9]{1,19})"
"""
An id, in old projects with a domain before it, or a number.

Source: https://docs.cloud.google.com/resource-manager/docs/creating-managing-projects
"""
_CHANNEL: Final = rf"(?:projects/{PROJECT}/notificationChannels/)?[a-zA-Z0-9_-]{{1,63}}"
_LONGEST_NAME: Final = 200


def _project(value: object) -> str:
    text = filled(value)
    if not re.fullmatch(PROJECT, text):
        message = f"{shown(text)} is not the id of a Google Cloud project; write it like shop-prod"
        raise refuse("bad-name", message)
    return text


def _channel(value: object) -> str:
    text = filled(value)
    if not re.fullmatch(_CHANNEL, text):
        message = (
            f"{shown(text)} is not a notification channel; write its id, or its full name, like "
            "projects/shop-prod/notificationChannels/1234567890"
        )
        raise refuse("bad-name", message)
    return text


def _display_name(value: object) -> str:
    text = filled(value)
    if len(text) > _LONGEST_NAME or not text.isprintable() or "${" in text:
        # Within a policy's documentation, ${...} is a variable.
        limits = f"at most {_LONGEST_NAME} characters in one line, without '${{'"
        message = f"{shown(text)} is not a name to display; write {limits}"
        raise refuse("bad-name", message)
    return text


Project = Annotated[str, Scalar(_project, {"type": ["string", "integer"], "pattern": f"^{PROJECT}$"})]
Channel = Annotated[str, Scalar(_channel, {"type": ["string", "integer"], "pattern": f"^{_CHANNEL}$"})]
DisplayName = Annotated[
    str, Scalar(_display_name, {"type": ["string", "number"], "pattern": r"\S", "maxLength": _LONGEST_NAME})
]


class ChannelsSpec(Shape):
    """Who Cloud Monitoring tells, by severity: notification channels, by id or full name."""

    page: list[Channel] | None = None
    ticket: list[Channel] | None = None


class CloudSpec(Shape):
    """Where Cloud Monitoring keeps SLOs."""

    project: Project | None = Field(None, description="The Google Cloud project of services, SLOs and policies.")
    location: Filled | None = Field(
        None, description="The location of the series that Managed Service for Prometheus holds, any by default."
    )
    notification_channels: ChannelsSpec = Field(default_factory=ChannelsSpec.empty)


class SloCloudSpec(CloudSpec):
    """What of it is different for one SLO."""

    display_name: DisplayName | None = Field(None, description="What it is called, its service and name by default.")
