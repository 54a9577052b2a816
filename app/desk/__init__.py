"""Tells people at the desk that somebody waits for them."""
