"""What is connected to which port of the simulated robot; looked up by every device when made."""

from typing import Final

from technopark_robots.errors import WrongDeviceError
from technopark_robots.messages import say
from technopark_robots.pybricks.parameters import Port

WIRING: Final = {
    Port.A: "left-motor",
    Port.B: "right-motor",
    Port.C: "color-sensor",
    Port.D: "ultrasonic-sensor",
}


def plug(port: Port, wanted: str) -> str:
    """The name of the device at `port`, which must be a `wanted` one.

    Arguments:
        port: Where the program says that the device is.
        wanted: `motor`, `color-sensor` or `ultrasonic-sensor`.

    Raises:
        WrongDeviceError: nothing, or something else, is connected there.
    """
    if not isinstance(port, Port):
        raise WrongDeviceError(say("port-not-a-port", value=repr(port)))
    ports = ", ".join(f"{known.name} — {say(device)}" for known, device in WIRING.items())
    found = WIRING.get(port)
    if found is None:
        raise WrongDeviceError(say("port-empty", port=port.name, ports=ports))
    if not found.endswith(wanted):
        raise WrongDeviceError(
            say("port-other", port=port.name, found=say(found), wanted=say(wanted), ports=ports)
        )
    return found
