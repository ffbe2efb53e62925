"""What a hostile program in a container may try, as code that runs in a pupil's kernel.

It prints a JSON object: what was tried, and what came of it (`done`, or the error's name).
"""

MEANS = r"""
import ctypes, errno, json, os, pathlib, resource, signal, socket, struct, warnings

warnings.simplefilter("ignore")  # kernels have threads, and each attempt forks

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = libc.ptrace.restype = ctypes.c_long
NUMBERS = {"x86_64": {"bpf": 321, "keyctl": 250, "add_key": 248, "request_key": 249,
                      "perf_event_open": 298, "open_by_handle_at": 304, "kexec_load": 246,
                      "init_module": 175, "userfaultfd": 323, "acct": 163, "quotactl": 179,
                      "pivot_root": 155, "swapon": 167, "reboot": 169, "iopl": 172,
                      "lookup_dcookie": 212, "name_to_handle_at": 303, "kcmp": 312,
                      "process_vm_writev": 311, "settimeofday": 164, "fanotify_init": 300},
           "aarch64": {"bpf": 280, "keyctl": 219, "add_key": 217, "request_key": 218,
                       "perf_event_open": 241, "open_by_handle_at": 265, "kexec_load": 104,
                       "init_module": 105, "userfaultfd": 282}}[os.uname().machine]
NUMBERS |= {"io_uring_setup": 425, "open_tree": 428, "move_mount": 429, "fsopen": 430,
            "fsmount": 432, "pidfd_getfd": 438, "mount_setattr": 442, "quotactl_fd": 443}

def call(function, *arguments):
    def attempt():
        here = os.getpid()
        if function(*(ctypes.c_long(a) if isinstance(a, int) else a for a in arguments)) < 0:
            raise OSError(ctypes.get_errno(), "")
        if os.getpid() != here:
            os._exit(0)  # what `clone` has made
    return attempt

def write(path, content):
    return lambda: pathlib.Path(path).write_text(content)

def raw():
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP)

def packets():
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW)

def outcome(attempt):
    # Each in a process of its own: one that succeeds changes nothing for the next.
    read, write_end = os.pipe()
    if not os.fork():
        os.close(read)
        try:
            attempt()
            result = "done"
        except OSError as error:
            result = errno.errorcode.get(error.errno, str(error))
        except Exception as error:
            result = type(error).__name__
        try:
            os.write(write_end, result.encode())
        finally:
            os._exit(0)
    os.close(write_end)
    result = os.read(read, 200).decode()
    os.close(read)
    os.wait()
    return result or "killed"
"""
"""How something is tried."""

ON_CONTROL_GROUPS = r"""
# Without making files: those of control groups are there, or the kernel has another version.
def change(path, content):
    return lambda: os.write(os.open(path, os.O_WRONLY), content)

LOOSER = {"memory/memory.limit_in_bytes": b"-1", "memory/memory.memsw.limit_in_bytes": b"-1",
          "memory/memory.oom_control": b"1", "cpu/cpu.cfs_quota_us": b"-1", "pids/pids.max": b"max",
          "devices/devices.allow": b"a", "memory/cgroup.procs": b"0",
          "memory.max": b"max", "memory.swap.max": b"max", "cpu.max": b"max", "pids.max": b"max",
          "cgroup.procs": b"0", "cgroup.subtree_control": b"-memory"}
tries = {f"loosen {name}": change(f"{groups}/{name}", to) for name, to in LOOSER.items()}
tries |= {f"a group of one's own in {folder}": lambda folder=folder: os.mkdir(folder)
          for folder in (f"{groups}/mine", f"{groups}/memory/mine")}
"""
"""Tries to be limited less, below the folder `groups`; first what version 1 has, then 2."""

GROUPS = "/sys/fs/cgroup"
"""Where a container has its control groups."""

ATTEMPTS = (
    f"{MEANS}\ngroups = {GROUPS!r}\n{ON_CONTROL_GROUPS}"
    + r"""
tries |= {f"unshare {kind:#x}": call(libc.unshare, kind)
         for kind in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)}
tries |= {f"clone {kind:#x}": call(libc.syscall, {"x86_64": 56, "aarch64": 220}[os.uname().machine],
                                   kind | signal.SIGCHLD, 0, 0, 0, 0)
          for kind in (0x10020000, 0x10000000, 0x20000000)}
tries |= {f"join {name}": lambda name=name: call(libc.setns, os.open(f"/proc/1/ns/{name}", 0), 0)()
          for name in os.listdir("/proc/self/ns")}
tries |= {name: call(libc.syscall, number, 0, 0, 0, 0, 0) for name, number in NUMBERS.items()}
new_user = struct.pack("=Q", 0x10000000) + bytes(80)
tries |= {
    "clone3 of a user namespace": call(libc.syscall, 435, new_user, 88),
    "mount": call(libc.mount, b"none", b"/tmp", b"tmpfs", 0, 0),
    "mount again, writable": call(libc.mount, b"none", b"/", None, 32 | 4096, 0),
    "umount": call(libc.umount2, b"/course", 2),
    "chroot": lambda: os.chroot("/tmp"),
    "host name": call(libc.sethostname, b"x", 1),
    "trace process 1": call(libc.ptrace, 16, 1, 0, 0),
    "read memory of process 1": lambda: open("/proc/1/mem", "rb").close(),
    "user 0": lambda: os.setresuid(0, 0, 0),
    "group 0": lambda: os.setresgid(0, 0, 0),
    "groups": lambda: os.setgroups([0]),
    "ambient capability": call(libc.prctl, 47, 2, 21, 0, 0),
    "raw socket": raw,
    "packets": packets,
    "device": lambda: os.mknod("/tmp/device", 0o60600, os.makedev(8, 0)),
    "real time": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
    "haste": lambda: os.nice(-1),
    "more files": lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 20, 1 << 20)),
    "spared when memory ends": write("/proc/self/oom_score_adj", "-1"),
    "chown": lambda: (write("/tmp/mine", "")(), os.chown("/tmp/mine", 0, 0)),
    "kill all outside": lambda: os.kill(2**22 - 1, 0),
    "sysrq": write("/proc/sysrq-trigger", "h"),
    "kernel settings": write("/proc/sys/kernel/core_pattern", "x"),
    "root": write("/mine", "x"),
    "server's environment": write("/opt/server/mine", "x"),
    "host's control groups": lambda: os.listdir("/host/cgroup"),
    "parent's sockets": lambda: os.listdir("/run/technopark"),
    "kernel's log": lambda: open("/dev/kmsg").read(1),
    "kernel's memory": lambda: open("/proc/kcore").read(1),
    "keys": lambda: open("/proc/keys").read() or 1 / 0,
}
results = {name: outcome(attempt) for name, attempt in tries.items()}

# The server and process 1, by what their files in /proc give away.
for pid in sorted(int(name) for name in os.listdir("/proc") if name.isdigit()):
    comm = pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
    if comm != "technopark-serv":
        continue
    program = f"/proc/{pid}/exe"
    results["write to the server's program"] = outcome(lambda: os.open(program, os.O_WRONLY))
    results["server's root"] = sorted(os.listdir(f"/proc/{pid}/root"))
    results["server's mappings"] = outcome(
        lambda: open(next(pathlib.Path(f"/proc/{pid}/map_files").iterdir())).close())
    descriptors = os.listdir(f"/proc/{pid}/fd")
    links = {os.readlink(f"/proc/{pid}/fd/{fd}") for fd in descriptors}
    results["files of the server"] = sorted(
        link for link in links if link.startswith("/") and not link.startswith("/dev/")
    )
results["processes"] = sorted(
    {pathlib.Path(f"/proc/{name}/comm").read_text().strip() for name in os.listdir("/proc")
     if name.isdigit()} - {"tini", "sh"}
)
results["network"] = sorted(os.listdir("/sys/class/net"))
print(json.dumps(results))
"""
)
