"""
Requests to a service in the flexible environment of App Engine.

The flexible environment counts neither responses nor their latency. What knows
them is the external Application Load Balancer in front of the service, and this
preset is 'gcp-load-balancer' by another name; its manual page says what is good
and what is counted. The load balancer reaches the service through a serverless
network endpoint group, the backend.

    availability:
      preset: gcp-app-engine-flex
      with: {url_map_name: shop, backend_target_name: shop-flex}
    latency:
      preset: gcp-app-engine-flex
      threshold: 512ms
      with: {url_map_name: shop, backend_target_name: shop-flex}

The distribution is in milliseconds; its bounds are 1 2 4 8 16 32 64 128 256 512
1024 2048 4096 8192 16384 32768 65536 131072 262144 524288 1048576 2097152
4194304 8388608 16777216 33554432 67108864 134217728 268435456 536870912
1073741824 2147483648 4294967296, and one more between each two.

Source of the names:
https://docs.cloud.google.com/monitoring/api/metrics_gcp#gcp-appengine
https://docs.cloud.google.com/load-balancing/docs/negs/serverless-neg-concepts
"""

from slogen.presets import gcp_load_balancer

PRESET = gcp_load_balancer.PRESET
