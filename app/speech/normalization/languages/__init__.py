"""One module a language, imported when a text in it is spoken."""
