"""The phone page and the control calls behind it."""
