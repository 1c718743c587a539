"""What browsers, dnf and forges ask for: pages, published files, `.repo` files, and webhooks."""
