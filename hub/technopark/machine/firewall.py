"""The host's side of the park's network: what a container may reach on this machine.

Called by `machine.network`. Every park has a chain of its own (`TECHNOPARK-<name>`), so parks on
one machine do not meet; no other rule of the host is touched.
"""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from technopark.engine.networks import Network
from technopark.machine import MachineError
from technopark.machine.debian import ensure_program, is_root

FORWARDING = "DOCKER-USER"
"""Docker's chain for the rules of others, asked before its own for everything forwarded."""


def ensure_firewall(network: Network, ports: Sequence[int]) -> None:
    """Containers of `network` reach `ports` (TCP) of its gateway and nothing else of this host.

    Raises:
        MachineError: we are not root, or iptables refuses.
    """
    if not is_root():
        raise MachineError(
            "Only root may set the firewall that keeps pupils' containers away from this machine. "
            "Call this as root (sudo ./park up)."
        )
    ensure_program("iptables", "the firewall around pupils' containers")
    for command in _commands():
        _fill_chain(command, network.name, rules(network, ports, command))
        _ensure_first(command, "INPUT", ["-i", network.name, "-j", chain(network.name)])
    for direction in ("-i", "-o"):
        _ensure_first("iptables", FORWARDING, [direction, network.name, "-j", "DROP"])


def firewall_problems(network: Network, ports: Sequence[int]) -> list[str]:
    """What is missing of what `ensure_firewall` sets, a sentence each."""
    problems = []
    for command in _commands():
        found = _run([command, "-S", chain(network.name)], check=False)
        expected = rules(network, ports, command)
        if [line for line in found.splitlines() if line.startswith("-A")] != expected:
            problems.append(
                f"{command}: the rules of {chain(network.name)} are not as they must be"
            )
        if not _has(command, "INPUT", ["-i", network.name, "-j", chain(network.name)]):
            problems.append(f"{command}: nothing leads from INPUT to {chain(network.name)}")
    problems += [
        f"iptables: {FORWARDING} lets {network.name} through ({direction})"
        for direction in ("-i", "-o")
        if not _has("iptables", FORWARDING, [direction, network.name, "-j", "DROP"])
    ]
    return problems


def remove_firewall(name: str) -> None:
    """Removes the rules of the park `name`; nothing happens where there are none."""
    for command in _commands():
        _remove(command, "INPUT", ["-i", name, "-j", chain(name)])
        if _run([command, "-S", chain(name)], check=False):
            _run([command, "-F", chain(name)])
            _run([command, "-X", chain(name)])
    for direction in ("-i", "-o"):
        _remove("iptables", FORWARDING, [direction, name, "-j", "DROP"])


def chain(name: str) -> str:
    """The park's own chain (the kernel allows 28 characters)."""
    return f"TECHNOPARK-{name}"


def rules(network: Network, ports: Sequence[int], command: str = "iptables") -> list[str]:
    """The chain's rules as `iptables -S` prints them; over IPv6 nothing is allowed at all."""
    mine = chain(network.name)
    answers = f"-A {mine} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
    doors = [
        f"-A {mine} -d {network.gateway}/32 -p tcp -m tcp --dport {port} -j ACCEPT"
        for port in ports
    ]
    return [*([answers, *doors] if command == "iptables" else []), f"-A {mine} -j DROP"]


def _commands() -> list[str]:
    return ["iptables", "ip6tables"] if Path("/proc/net/if_inet6").exists() else ["iptables"]


def _fill_chain(command: str, name: str, wanted: list[str]) -> None:
    found = _run([command, "-S", chain(name)], check=False)
    if [line for line in found.splitlines() if line.startswith("-A")] != wanted:
        # One transaction: there is no moment with half of the rules.
        text = "\n".join(["*filter", f":{chain(name)} - [0:0]", *wanted, "COMMIT", ""])
        _run([f"{command}-restore", "--noflush"], text=text)


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
        raise MachineError(
            f"There is no {words[0]} here; the firewall around pupils' containers needs it "
            "(Debian's package iptables)."
        ) from None
    if check and done.returncode:
        raise MachineError(
            f"{' '.join(words)} failed: {done.stderr.strip()}. Without these rules a pupil's "
            "container could reach this machine, so the park does not start."
        )
    return done.stdout if not done.returncode else ""
