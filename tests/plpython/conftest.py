"""The misbehaving endpoints of the providers' tests serve here too."""

from providers.conftest import certificate, serve, serve_tls

__all__ = ["certificate", "serve", "serve_tls"]
