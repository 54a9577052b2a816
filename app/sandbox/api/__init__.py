"""The endpoints of Linq's API and what they share."""
