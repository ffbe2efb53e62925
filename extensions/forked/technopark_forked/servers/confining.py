"""Makes a process what the engine would have made it: without privileges, within limits.

Called by `forking` in the container, as the last thing before the program. Nothing here may
import or open anything: the files around it are the pupil's.
"""

import os
import resource

from technopark_forked.servers import linux
from technopark_forked.servers.target import PUPIL, Target


def confine(target: Target) -> None:
    """Drops everything that a container's program does not have, for good.

    Raises:
        OSError: the kernel refused; the process must end.
    """
    os.setsid()
    os.umask(target.umask)
    linux.leave_session_keyring()
    linux.refuse_new_privileges()
    linux.drop_bounding_set()
    os.setgroups(target.groups)
    os.setresgid(PUPIL, PUPIL, PUPIL)
    os.setresuid(PUPIL, PUPIL, PUPIL)
    linux.drop_capabilities()
    for limit, (soft, hard) in target.limits.items():
        try:
            resource.setrlimit(limit, (soft, hard))
        except ValueError as error:  # what the kernel refuses, in Python's words
            raise OSError(f"Limit {limit} cannot become {soft}, {hard}: {error}") from None
    for instructions in target.filters:
        linux.load_filter(instructions)
    linux.belong_to_user()


def take_streams(target: Target, news: int) -> None:
    """Has the container's standard streams, a server its pipe for the end, and `news`; no more.

    Raises:
        OSError: the kernel refused.
    """
    for number, stream in enumerate(target.streams):
        os.dup2(stream, number)
    kept = [] if target.ending is None else [target.ending]
    linux.close_all_but(*kept, news)
    for each in kept:
        os.set_inheritable(each, False)
