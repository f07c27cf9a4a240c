"""Paper A: carbon intensity in 34 cities of north-east China."""
