"""A running Prometheus, and what it says about SLOs."""
