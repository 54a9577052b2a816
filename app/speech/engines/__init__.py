"""Voice engines: each turns plain text into audio."""
