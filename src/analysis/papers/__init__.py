"""The studies of this book: the only room that knows a paper, and public data sets beside them."""
