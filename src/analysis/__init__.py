"""Spatial panel estimation, efficiency with undesirable output, and the audit of printed tables."""

__version__ = "0.1.0"
