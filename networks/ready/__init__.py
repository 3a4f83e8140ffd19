"""Ready networks, one a file; each file's NETWORK is its description."""
