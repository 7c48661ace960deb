"""
Requests to a function of Cloud Run functions, 2nd generation.

A function of the 2nd generation is a Cloud Run service of the same name, in
lower case and with hyphens for underscores, and this preset is 'gcp-cloud-run'
by another name; its manual page says what is good and what is counted.

    availability:
      preset: gcp-cloud-functions-v2
      with: {service_name: resize, location: europe-west1}
    latency:
      preset: gcp-cloud-functions-v2
      threshold: 2s
      with: {service_name: resize, location: europe-west1}

The distribution is in milliseconds, where that of the 1st generation is in
nanoseconds. A function that fails answers 500; what triggers it by an event
may try again, and each try counts.

Source of the names:
https://docs.cloud.google.com/functions/docs/concepts/version-comparison
https://docs.cloud.google.com/monitoring/api/metrics_gcp#gcp-run
"""

from slogen.presets import gcp_cloud_run

PRESET = gcp_cloud_run.PRESET
