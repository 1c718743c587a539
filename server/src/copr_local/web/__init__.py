"""Endpoints outside the APIs: pages, published files, `.repo` files and webhooks."""
