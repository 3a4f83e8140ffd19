"""A seccomp filter that takes away what a submission never needs: sockets, signals, tracing, mounts, new programs.

The filter is a list of classic BPF instructions over `struct seccomp_data`, written for x86_64 and aarch64; numbers
are those of the kernel's unistd.h. What is denied fails with EPERM, so that a submission sees an exception;
clone3, whose flags a filter cannot read, with ENOSYS, upon which the C library falls back to clone.
"""

from __future__ import annotations

import ctypes
import struct

from . import kernel

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
X32_BIT = 0x40000000

# system call: its number on x86_64 and on aarch64; None where there is none
DENIED: dict[str, tuple[int | None, int | None]] = {
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "pidfd_getfd": (438, 438),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "kcmp": (312, 272),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    "setpriority": (141, 140),
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
    "sched_setaffinity": (203, 122),
    "ioprio_set": (251, 30),
    "execve": (59, 221),
    "execveat": (322, 281),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "fanotify_init": (300, 262),
    "personality": (135, 92),
    "syslog": (103, 116),
    "quotactl": (179, 60),
    "acct": (163, 89),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
}
CLONE = (56, 220)
CLONE3 = 435
FCNTL = (72, 25)
IOCTL = (16, 29)
PRLIMIT = (302, 261)
NEW_NAMESPACES = 0x7E020000
# F_SETOWN, F_SETSIG, F_SETOWN_EX: the kernel would send signals for us. TIOCSTI, FIOSETOWN, SIOCSPGRP likewise.
DENIED_FCNTL = (8, 10, 15)
DENIED_IOCTL = (0x5412, 0x8901, 0x8902)

LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS
EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
ANY_BIT = 0x45  # BPF_JMP | BPF_JSET | BPF_K
RETURN = 0x06  # BPF_RET | BPF_K
KILL = 0x80000000
ERRNO = 0x00050000
ALLOW = 0x7FFF0000
EPERM, ENOSYS = 1, 38
NUMBER, ARCHITECTURE, ARGUMENTS = 0, 4, 16  # offsets in struct seccomp_data

Instruction = tuple[int, int, int, int]


def instructions(architecture: str) -> list[Instruction]:
    """The filter as (code, jump if true, jump if false, value); a ValueError for an unknown architecture."""
    if architecture not in AUDIT_ARCH:
        raise ValueError(f"there is no seccomp filter for {architecture}; known: {', '.join(AUDIT_ARCH)}")
    column = list(AUDIT_ARCH).index(architecture)
    program: list[Instruction] = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, AUDIT_ARCH[architecture]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
    ]
    if architecture == "x86_64":
        program += [(AT_LEAST, 0, 1, X32_BIT), (RETURN, 0, 0, KILL)]
    program += _if_number(CLONE3, [(RETURN, 0, 0, ERRNO | ENOSYS)])
    for numbers in DENIED.values():
        number = numbers[column]
        if number is not None:
            program += _if_number(number, [(RETURN, 0, 0, ERRNO | EPERM)])
    program += _if_number(CLONE[column], [*_argument(0), *_deny(ANY_BIT, NEW_NAMESPACES), (RETURN, 0, 0, ALLOW)])
    program += _if_number(FCNTL[column], [*_argument(1), *_deny_each(DENIED_FCNTL), (RETURN, 0, 0, ALLOW)])
    program += _if_number(IOCTL[column], [*_argument(1), *_deny_each(DENIED_IOCTL), (RETURN, 0, 0, ALLOW)])
    # Limits of another process: pid 0 alone is oneself.
    program += _if_number(
        PRLIMIT[column], [*_argument(0), (EQUAL, 1, 0, 0), (RETURN, 0, 0, ERRNO | EPERM), (RETURN, 0, 0, ALLOW)]
    )
    return [*program, (RETURN, 0, 0, ALLOW)]


def install() -> None:
    """Put the filter on this process and all that it starts, for good. OSError or ValueError where it cannot be."""
    program = instructions(kernel.architecture())
    code = b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    described = struct.pack("@HxxxxxxQ", len(program), ctypes.addressof(buffer))
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    set_mode_filter = 1
    kernel.syscall("seccomp", set_mode_filter, 0, described)


def _if_number(number: int, then: list[Instruction]) -> list[Instruction]:
    return [(EQUAL, 0, len(then), number), *then]


def _argument(position: int) -> list[Instruction]:
    # The low half of a 64-bit argument: both architectures are little-endian.
    return [(LOAD, 0, 0, ARGUMENTS + 8 * position)]


def _deny(test: int, value: int) -> list[Instruction]:
    return [(test, 0, 1, value), (RETURN, 0, 0, ERRNO | EPERM)]


def _deny_each(values: tuple[int, ...]) -> list[Instruction]:
    return [instruction for value in values for instruction in _deny(EQUAL, value)]
