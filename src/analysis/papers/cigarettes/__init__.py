"""Cigarette demand in 46 US states."""
