"""Parts that the three APIs share: form fields, credentials, the service, a response cache, and errors."""
