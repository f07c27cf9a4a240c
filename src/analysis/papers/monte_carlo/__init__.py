"""Monte Carlo studies of the estimators in the shapes of the two papers."""
