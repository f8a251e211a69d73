"""Starts a program with less than its parent may do: `python -I -S confine.py <instructions as JSON>`.

A small program of its own, because all of this has to happen in the process that becomes the other program. It needs no
privilege: limits (setrlimit), an end together with the parent, and on Linux, where asked for, walls of two kinds:

- Landlock (kernel 5.13 and later) shuts off all files but those that are named; https://docs.kernel.org/userspace-api/landlock.html
- a seccomp filter shuts off what Landlock does not look at: sockets, signals to other processes, new processes, changes of
  owners and modes, and shared memory; https://docs.kernel.org/userspace-api/seccomp_filter.html

Both hold for all that the program does later, and nothing takes them back.
"""

import ctypes
import errno
import json
import os
import platform
import resource
import stat
import struct
import sys

# Landlock's rights, in the order of their bits; the number of bits that each version of it knows.
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << bit for bit in range(6))
MAKE_DIR, MAKE_REG, MAKE_SOCK, MAKE_FIFO, TRUNCATE = 1 << 7, 1 << 8, 1 << 9, 1 << 10, 1 << 14
BITS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
TO_READ = EXECUTE | READ_FILE | READ_DIR
TO_WRITE = (
    WRITE_FILE
    | READ_FILE
    | READ_DIR
    | REMOVE_DIR
    | REMOVE_FILE
    | MAKE_DIR
    | MAKE_REG
    | MAKE_SOCK
    | MAKE_FIFO
    | TRUNCATE
)
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446

PR_SET_PDEATHSIG, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP = 1, 24, 38, 22
SIGKILL = 9

libc = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Does what the instructions say, then becomes the program; ends with 1 if any of it fails."""
    instructions = json.loads(sys.argv[1])
    for name, limit in instructions["limits"].items():
        resource.setrlimit(getattr(resource, name), (limit, limit))
    if sys.platform == "linux":
        call("prctl", PR_SET_PDEATHSIG, SIGKILL)
    # A parent that ended before this was arranged leaves another one.
    if os.getppid() != instructions["parent"]:
        sys.exit(1)
    os.chdir(instructions["cwd"])
    walls = instructions["walls"]
    if walls is not None:
        drop_privileges()
        shut_off_files(walls["read"], walls["write"])
        shut_off_calls()
    os.execv(instructions["command"][0], instructions["command"])


def drop_privileges() -> None:
    """Even root has no capability after this, and no program gives any back."""
    call("prctl", PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    for capability in range(64):
        # Only root has a bounding set to lower, and not all numbers are in use.
        libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
    version_3, none = struct.pack("=Ii", 0x20080522, 0), bytes(24)
    call("capset", version_3, none)


def shut_off_files(read: list[str], write: list[str]) -> None:
    """Leaves these files and the content of these folders."""
    version = libc.syscall(CREATE_RULESET, None, 0, 1)
    if version < 1:
        raise OSError("this Linux has no Landlock")
    known = (1 << BITS[min(version, max(BITS))]) - 1
    # TCP from version 4 on, abstract sockets and signals from version 6 on.
    attributes = struct.pack("=QQQ", known, 3, 3)[: 24 if version >= 6 else 16 if version >= 4 else 8]
    ruleset = call("syscall", CREATE_RULESET, attributes, len(attributes), 0)
    for paths, rights in ((read, TO_READ), (write, TO_WRITE)):
        for path in paths:
            fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
            allowed = rights & known & (~0 if stat.S_ISDIR(os.fstat(fd).st_mode) else OF_FILES)
            call("syscall", ADD_RULE, ruleset, 1, struct.pack("=Qi", allowed, fd), 0)
            os.close(fd)
    call("syscall", RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


#: Refused system calls, as numbers of x86_64 and of aarch64; `None` where a system has no such call.
REFUSED = {
    # Sockets that reach somebody; sockets that wait are a kernel's own.
    "connect": (42, 203),
    # Other processes.
    "fork": (57, None),
    "vfork": (58, None),
    "execveat": (322, 281),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
    # Operations on a file that need its path alone: Landlock looks at opening, making and removing.
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "truncate": (76, 45),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "setxattrat": (463, 463),
    "removexattrat": (466, 466),
    "file_setattr": (469, 469),
    "inotify_add_watch": (254, 27),
    "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    # Memory and messages that processes of one user share.
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semctl": (66, 191),
    "msgget": (68, 186),
    "msgctl": (71, 187),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    # Doors into the system that no notebook needs.
    "unshare": (272, 97),
    "setns": (308, 268),
    "chroot": (161, 51),
    "mount": (165, 40),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "syslog": (103, 116),
}

#: Calls that programs try first and can do without: the answer is that there is no such call.
UNKNOWN = {"clone3": (435, 435), "io_uring_setup": (425, 425)}

#: For each machine the architecture's number in seccomp, and its column above.
MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

# Instructions of the filter: load a word, compare it and jump, mask it, return.
LOAD, EQUAL, AT_LEAST, AND, RETURN = 0x20, 0x15, 0x35, 0x54, 0x06
ALLOW, KILL = 0x7FFF0000, 0x80000000
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16


def shut_off_calls() -> None:
    """Refuses the calls above, and some others by their arguments."""
    architecture, column = MACHINES[platform.machine()]
    me = os.getpid()
    program = [(LOAD, 0, 0, ARCHITECTURE), (EQUAL, 1, 0, architecture), (RETURN, 0, 0, KILL)]
    # On x86_64 the same calls have second numbers.
    program += [(LOAD, 0, 0, NUMBER), (AT_LEAST, 0, 1, 0x40000000), (RETURN, 0, 0, refusal(errno.EPERM))]
    for calls, number in ((REFUSED, errno.EPERM), (UNKNOWN, errno.ENOSYS)):
        for numbers in calls.values():
            if numbers[column] is not None:
                program += [(EQUAL, 0, 1, numbers[column]), (RETURN, 0, 0, refusal(number))]
    unix, stream, thread = 1, 1, 0x10000
    conditions = [
        # Sockets within the machine, and with a partner only: no datagram finds one by its name.
        *(((41, 198), index, mask, [wanted]) for index, mask, wanted in ((0, ~0, unix), (1, 0xF, stream))),
        *(((53, 199), index, mask, [wanted]) for index, mask, wanted in ((0, ~0, unix), (1, 0xF, stream))),
        # Threads, but no processes.
        ((56, 220), 0, thread, [thread]),
        # Signals to itself; 0 is its own group, in which it is alone.
        ((62, 129), 0, ~0, [me, 0]),
        ((234, 131), 0, ~0, [me]),
        ((302, 261), 0, ~0, [me, 0]),
    ]
    for numbers, index, mask, wanted in conditions:
        program += condition(numbers[column], index, mask, wanted)
    # It ends with its parent: that it was told above.
    program += [(EQUAL, 0, 3, (157, 167)[column]), (LOAD, 0, 0, ARGUMENTS), (EQUAL, 0, 1, PR_SET_PDEATHSIG)]
    program += [(RETURN, 0, 0, refusal(errno.EPERM)), (RETURN, 0, 0, ALLOW)]
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
    filter_ = ctypes.create_string_buffer(code, len(code))
    call("prctl", PR_SET_SECCOMP, 2, struct.pack("@HP", len(program), ctypes.addressof(filter_)), 0, 0)


def condition(number: int, index: int, mask: int, wanted: list[int]) -> list[tuple[int, int, int, int]]:
    """Refuses a call unless one of its arguments, masked, is among the wanted values."""
    tests = [(EQUAL, len(wanted) - place, 0, value) for place, value in enumerate(wanted)]
    # After a test that fails the next one; at their end the refusal, behind which the filter goes on.
    body = [
        (LOAD, 0, 0, ARGUMENTS + 8 * index),
        (AND, 0, 0, mask & 0xFFFFFFFF),
        *tests,
        (RETURN, 0, 0, refusal(errno.EPERM)),
    ]
    return [(EQUAL, 0, len(body), number), *body, (LOAD, 0, 0, NUMBER)]


def refusal(number: int) -> int:
    """The filter's return value for a call that fails with this error."""
    return 0x00050000 | number


def call(name: str, *arguments) -> int:
    """A function of the C library. @raises OSError if it fails"""
    outcome = getattr(libc, name)(*arguments)
    if outcome < 0:
        raise OSError(ctypes.get_errno(), f"{name}: {os.strerror(ctypes.get_errno())}")
    return outcome


if __name__ == "__main__":
    main()
