"""A study as a declaration, the data it is opened on, and what is made of it."""
