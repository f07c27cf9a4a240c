"""Calibrated generators of raw tables, with their truth stated."""
