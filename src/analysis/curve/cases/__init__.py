"""One module for each study that can be swept; its ``CASE`` says what can be chosen."""
