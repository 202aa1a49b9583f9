"""A synthetic delivery of the ASP's weekly feed: exact format, invented content."""
