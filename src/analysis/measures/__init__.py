"""From raw tables to paper variables: contracts, cleaning, agglomeration, intensity."""
