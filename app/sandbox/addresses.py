"""Hosts in URLs: this machine, private networks, the world."""

from __future__ import annotations

from ipaddress import ip_address


def is_loopback(host: str | None) -> bool:
    """Whether the host is this machine."""
    if host is None:
        return False
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_private(host: str) -> bool:
    """Whether the host is a literal address that the world cannot reach."""
    try:
        return not ip_address(host).is_global
    except ValueError:
        return False
