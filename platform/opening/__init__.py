"""A reseller's life, from sign-up to closing. The only code that knows every room."""
