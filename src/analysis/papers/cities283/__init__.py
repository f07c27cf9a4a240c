"""Paper B: carbon efficiency in 283 cities."""
