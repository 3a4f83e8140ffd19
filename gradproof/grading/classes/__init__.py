"""A class run: jobs, processes or a cluster, the store, what changed, the pages."""
