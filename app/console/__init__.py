"""The console at `/console`: what people wrote, what they got, and whether all is well."""
