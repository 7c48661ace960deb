"""
``PrometheusRule`` objects for the Prometheus Operator: ``prometheus-operator/<service>.rules.yaml``.

The rules are those of the target ``prometheus``. A service whose object would be larger than 240 KiB is divided into
several. Name, namespace, labels and annotations of the objects stand under ``prometheus_operator`` in slogen.yaml; the
labels must be those by which the operator selects rules, or they are never loaded.

Source of the format: https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.PrometheusRule
"""

from typing import Final

from slogen.backends._backend import Backend, scraped
from slogen.backends._engine import equipped
from slogen.backends._objects import Objects
from slogen.promrules import lower
from slogen.prose import Prose
from slogen.spec.engines import Engines, ObjectSpec

NAME: Final = "prometheus-operator"


def configured(engines: Engines, prose: Prose) -> Backend:
    """The target as slogen.yaml has it."""
    spec = engines.prometheus_operator or ObjectSpec.empty()
    objects = Objects(
        NAME, "monitoring.coreos.com/v1", "PrometheusRule", spec, lambda planned: equipped(lower(planned, prose))
    )
    return Backend(scraped, objects.emit, of_service=objects.objections)


BACKEND = configured
