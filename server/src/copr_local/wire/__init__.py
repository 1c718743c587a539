"""What the three APIs share: form fields, credentials, the running service, cached responses, and errors."""
