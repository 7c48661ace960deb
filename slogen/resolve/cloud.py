"""Where Cloud Monitoring keeps an SLO: what it says itself over what the organisation says."""

from slogen.model import CloudSettings, Severity
from slogen.organisation import Organisation
from slogen.resolve.alerts import given
from slogen.spec.cloud import SloCloudSpec


def settings(own: SloCloudSpec | None, organisation: Organisation) -> CloudSettings | None:
    """The settings of an SLO; None where it is not to be kept there."""
    if own is None:
        return None
    default = organisation.cloud
    first, second = own.notification_channels, default.notification_channels
    channels = {
        Severity.PAGE.value: given(first.page, second.page) or (),
        Severity.TICKET.value: given(first.ticket, second.ticket) or (),
    }
    return CloudSettings(
        organisation.project or own.project or default.project or "",
        own.location or default.location or "",
        {severity: tuple(dict.fromkeys(listed)) for severity, listed in channels.items()},
        own.display_name or "",
        own.location is not None,
    )
