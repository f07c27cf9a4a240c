"""Public capital and private production in 48 US states."""
