"""Answers from a folder of texts: Markdown, plain text, and CSV of questions and answers."""
