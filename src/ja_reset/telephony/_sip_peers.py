"""Which peers may assert a caller's number: the addresses and networks of the host's own carrier."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from ja_reset.errors import InvalidArgument


def is_trusted(peer: str, trusted: Collection[str]) -> bool:
    """Whether the address *peer* is one of *trusted*, which are addresses and networks.

    An IPv4 address written as IPv6 (`::ffff:203.0.113.5`) is that IPv4 address. A link-local address is never trusted,
    because it means another host on each link. Raises InvalidArgument for what is no address, and for a network of all
    addresses.
    """
    if isinstance(trusted, str) or not all(isinstance(each, str) for each in trusted):
        msg = "trusted must be a collection of addresses and networks, each a str"
        raise InvalidArgument(msg)
    return _is_in(peer, frozenset(trusted))


@lru_cache(maxsize=1024)
def _is_in(peer: str, trusted: frozenset[str]) -> bool:
    try:
        address = ip_address(peer) if isinstance(peer, str) else None
    except ValueError:
        address = None
    if address is None:
        msg = "peer must be an IP address, without a port"
        raise InvalidArgument(msg)
    networks = _networks(trusted)
    plain = (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
    return not plain.is_link_local and any(plain in network for network in networks)


@lru_cache(maxsize=16)
def _networks(trusted: frozenset[str]) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        networks = tuple(_plain(ip_network(each)) for each in trusted)
    except (TypeError, ValueError):
        msg = "trusted must be addresses such as '203.0.113.5' and networks such as '203.0.113.0/24'"
        raise InvalidArgument(msg) from None
    if any(network.prefixlen == 0 for network in networks):
        msg = "trusted must not have a network of all addresses: everybody could assert any number"
        raise InvalidArgument(msg)
    return networks


def _plain(network: IPv4Network | IPv6Network) -> IPv4Network | IPv6Network:
    """The network in IPv4, if it is one of IPv4 addresses mapped into IPv6."""
    if isinstance(network, IPv4Network) or network.prefixlen < 96:  # noqa: PLR2004 - RFC 4291, 2.5.5.2
        return network
    mapped = network.network_address.ipv4_mapped
    return network if mapped is None else IPv4Network((mapped, network.prefixlen - 96))
