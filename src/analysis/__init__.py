"""Spatial panel estimation, efficiency with undesirable output, and the audit of printed tables."""
