"""Questions and answers from a YAML file, for customer support. docs/rules.md is its reference."""
