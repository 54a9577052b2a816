"""Events, their signatures, and their way to the subscribers."""
