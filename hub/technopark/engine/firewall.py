"""The host's side of the park's network: what a container may reach, here and beside it.

Called by `machine.network` for the park's rules and by the engines of leases for the ways from
servers to leases. Every park has chains of its own (`TECHNOPARK-<name>`, `TECHNOPARK-L-<name>`),
so parks on one machine do not meet; no other rule of the host is touched.
"""

import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

from technopark.engine.client import EngineError
from technopark.engine.leased import KERNEL_PORTS, Way
from technopark.engine.networks import Network

FORWARDING = "DOCKER-USER"
"""Docker's chain for the rules of others, asked before its own for everything forwarded."""

ANSWERS = "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"


class FirewallError(EngineError):
    """The rules around pupils' containers cannot be set."""


def ensure_firewall(network: Network, ports: Sequence[int]) -> None:
    """Servers of `network` reach `ports` (TCP) of its gateway and nothing else; leases nothing.

    Ways from servers to leases that are open stay open. Only root may call it.

    Raises:
        FirewallError: iptables is missing, or refuses.
    """
    name = network.name
    for command in _commands():
        _fill_chain(command, chain(name), rules(network, ports, command))
        _ensure_first(command, "INPUT", ["-i", name, "-j", chain(name)])
    for direction in ("-i", "-o"):
        _ensure_first("iptables", FORWARDING, [direction, name, "-j", "DROP"])
    if not _chain_rules("iptables", lease_chain(name)):
        _fill_chain("iptables", lease_chain(name), way_rules(name, []))
    if not _leads_to_leases(name):
        _remove("iptables", FORWARDING, _to_leases(name))
        _ensure_first("iptables", FORWARDING, _to_leases(name))


def connect_leases(name: str, ways: Iterable[Way]) -> None:
    """Opens the `ways` in the park `name` and closes all others, in one transaction.

    Raises:
        FirewallError: iptables is missing, or refuses.
    """
    _fill_chain("iptables", lease_chain(name), way_rules(name, ways))


def firewall_problems(network: Network, ports: Sequence[int]) -> list[str]:
    """What is missing of what `ensure_firewall` sets, a sentence each."""
    problems, name = [], network.name
    for command in _commands():
        if _chain_rules(command, chain(name)) != rules(network, ports, command):
            problems.append(f"{command}: the rules of {chain(name)} are not as they must be")
        if not _has(command, "INPUT", ["-i", name, "-j", chain(name)]):
            problems.append(f"{command}: nothing leads from INPUT to {chain(name)}")
    problems += [
        f"iptables: {FORWARDING} lets {name} through ({direction})"
        for direction in ("-i", "-o")
        if not _has("iptables", FORWARDING, [direction, name, "-j", "DROP"])
    ]
    if way_rules(name, [])[0] not in _chain_rules("iptables", lease_chain(name)):
        problems.append(f"iptables: there are no rules {lease_chain(name)} for leased kernels")
    if not _leads_to_leases(name):
        problems.append(f"iptables: {FORWARDING} does not ask {lease_chain(name)} first")
    return problems


def remove_firewall(name: str) -> None:
    """Removes the rules of the park `name`; nothing happens where there are none."""
    for command in _commands():
        _remove(command, "INPUT", ["-i", name, "-j", chain(name)])
        _remove_chain(command, chain(name))
    _remove("iptables", FORWARDING, _to_leases(name))
    _remove_chain("iptables", lease_chain(name))
    for direction in ("-i", "-o"):
        _remove("iptables", FORWARDING, [direction, name, "-j", "DROP"])


def chain(name: str) -> str:
    """The park's own chain for what reaches this host (the kernel allows 28 characters)."""
    return f"TECHNOPARK-{name}"


def lease_chain(name: str) -> str:
    """The park's own chain for what its containers say to each other: servers to leases."""
    return f"TECHNOPARK-L-{name}"


def rules(network: Network, ports: Sequence[int], command: str = "iptables") -> list[str]:
    """The chain's rules as `iptables -S` prints them; over IPv6 nothing is allowed at all."""
    mine = chain(network.name)
    leases = f"-A {mine} -s {network.leases} -j DROP"
    doors = [
        f"-A {mine} -d {network.gateway}/32 -p tcp -m tcp --dport {port} -j ACCEPT"
        for port in ports
    ]
    allowed = [f"-A {mine} {ANSWERS}", leases, *doors] if command == "iptables" else []
    return [*allowed, f"-A {mine} -j DROP"]


def way_rules(name: str, ways: Iterable[Way]) -> list[str]:
    """The rules of `lease_chain` as `iptables -S` prints them."""
    mine = lease_chain(name)
    opened = {
        f"-A {mine} -s {way.server}/32 -d {way.address}/32 -p tcp -m tcp "
        f"--dport {way.first_port}:{way.first_port + KERNEL_PORTS - 1} -j ACCEPT"
        for way in ways
    }
    return [f"-A {mine} {ANSWERS}", *sorted(opened)]


def _to_leases(name: str) -> list[str]:
    return ["-i", name, "-o", name, "-j", lease_chain(name)]


def _leads_to_leases(name: str) -> bool:
    """Whether the ways are asked for before everything of the park is dropped."""
    found = _chain_rules("iptables", FORWARDING)
    jump = f"-A {FORWARDING} {' '.join(_to_leases(name))}"
    drops = [f"-A {FORWARDING} {way} {name} -j DROP" for way in ("-i", "-o")]
    return jump in found and not any(drop in found[: found.index(jump)] for drop in drops)


def _commands() -> list[str]:
    return ["iptables", "ip6tables"] if Path("/proc/net/if_inet6").exists() else ["iptables"]


def _chain_rules(command: str, name: str) -> list[str]:
    found = _run([command, "--wait", "-S", name], check=False)
    return [line for line in found.splitlines() if line.startswith("-A")]


def _fill_chain(command: str, name: str, wanted: list[str]) -> None:
    if _chain_rules(command, name) != wanted:
        # One transaction: there is no moment with half of the rules.
        text = "\n".join(["*filter", f":{name} - [0:0]", *wanted, "COMMIT", ""])
        _run([f"{command}-restore", "--wait", "--noflush"], text=text)


def _remove_chain(command: str, name: str) -> None:
    if _run([command, "--wait", "-S", name], check=False):
        _run([command, "--wait", "-F", name])
        _run([command, "--wait", "-X", name])


def _ensure_first(command: str, table_chain: str, rule: list[str]) -> None:
    if not _has(command, table_chain, rule):
        _run([command, "--wait", "-I", table_chain, "1", *rule])


def _remove(command: str, table_chain: str, rule: list[str]) -> None:
    while _has(command, table_chain, rule):
        _run([command, "--wait", "-D", table_chain, *rule])


def _has(command: str, table_chain: str, rule: list[str]) -> bool:
    asked = subprocess.run([command, "--wait", "-C", table_chain, *rule], capture_output=True)
    return asked.returncode == 0


def _run(words: list[str], text: str = "", check: bool = True) -> str:
    try:
        done = subprocess.run(words, input=text, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise FirewallError(
            f"There is no {words[0]} here; the firewall around pupils' containers needs it "
            "(Debian's package iptables)."
        ) from None
    if check and done.returncode:
        raise FirewallError(
            f"{' '.join(words)} failed: {done.stderr.strip()}. Without these rules a pupil's "
            "container could reach what it must not."
        )
    return done.stdout if not done.returncode else ""
