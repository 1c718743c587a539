"""API v2 over API v3: the table of routes, the plans, the parsing of requests, the rendering of responses."""
