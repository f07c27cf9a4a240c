"""The studies as frozen declarations: variables, weights, groups, years."""
