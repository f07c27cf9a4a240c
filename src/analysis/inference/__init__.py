"""What follows from estimates: turning points, mediation, comparison of groups, panel tests."""
