"""What is measured and not tested: quality of recall, latency, cost of security."""
