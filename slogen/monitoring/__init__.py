"""What Cloud Monitoring is told: filters that say what PromQL says, SLOs and alert policies, their documents."""
