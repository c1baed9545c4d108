"""Which addresses of the network a page may be fetched from: public ones, and those only."""

import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from knowledge.errors import BadInput, Unavailable

Address = IPv4Address | IPv6Address
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last four bytes are an IPv4 address
_PLATFORM = ip_address("168.63.129.16")  # Azure's platform address: public by number, yet inside every virtual machine


def system_addresses(host: str) -> list[str]:
    """The addresses of a host as this machine resolves them. Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


@dataclass(frozen=True)
class Reach:
    """How far a fetch reaches: whom it asks for addresses, and which it may use although they are not public.

    The defaults are the whole public internet; tests name a server of their own on the loopback.
    """

    resolve: Callable[[str], Sequence[str]] = system_addresses
    allowed: frozenset[str] = field(default_factory=frozenset)

    def addresses(self, host: str, seconds: float) -> list[str]:
        """The addresses to connect to for a host. Raises BadInput when one of them is not public, so that nothing
        depends on which is tried first, and Unavailable when the host is not found within `seconds`."""
        pool = ThreadPoolExecutor(1)  # the system's resolver knows no deadline
        try:
            found = list(dict.fromkeys(pool.submit(self.resolve, host).result(seconds)))
        except (OSError, UnicodeError, TooSlow) as error:
            raise Unavailable(
                "The address of {host} was not found; check its spelling, or try again.",
                host=host,
            ) from error
        finally:
            pool.shutdown(wait=False)
        for address in found:
            if address not in self.allowed and not is_public(address):
                raise BadInput(
                    "{host} is not on the public internet and is not fetched; give the file itself.",
                    host=host,
                )
        if not found:
            raise Unavailable("The address of {host} was not found; check its spelling, or try again.", host=host)
        return found


PUBLIC = Reach()


def is_public(text: str) -> bool:
    """Whether an address is one of the public internet, whatever way an IPv4 address is wrapped into IPv6."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return all(_is_public(inner) for inner in _with_wrapped(address))


def _is_public(address: Address) -> bool:
    return (
        address.is_global
        and not (address.is_multicast or address.is_reserved or address.is_unspecified)
        and not (isinstance(address, IPv6Address) and address.is_site_local)
        and address != _PLATFORM
    )


def _with_wrapped(address: Address) -> list[Address]:
    if isinstance(address, IPv4Address):
        return [address]
    if address.ipv4_mapped:  # ::ffff:127.0.0.1 is 127.0.0.1 to the system, and reserved to the registry
        return [address.ipv4_mapped]
    if address in _NAT64:
        return [IPv4Address(int(address) & 0xFFFFFFFF)]
    return [address, *filter(None, (address.sixtofour, *(address.teredo or ())))]
