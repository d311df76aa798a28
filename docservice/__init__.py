"""docservice: integration agreements in two languages, and their signed scans."""

__version__ = "0.1.0"
