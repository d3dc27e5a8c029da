package io.loomvisor.runtime.seccomp;

import io.loomvisor.kernel.syscall.SyscallNumber;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the gofer never needs, and what would turn a mistake in it into the host's problem: any of
 * these kills it. The gofer serves files, so it keeps the syscalls on files.
 */
public enum GoferForbidden {
  NETWORK(
      "sockets of its own: it has the one it was started with",
      SyscallNumber.SOCKET,
      SyscallNumber.SOCKETPAIR,
      SyscallNumber.CONNECT,
      SyscallNumber.BIND,
      SyscallNumber.LISTEN,
      SyscallNumber.ACCEPT,
      SyscallNumber.ACCEPT4),
  PROGRAMS(
      "other programs, other processes",
      SyscallNumber.EXECVE,
      SyscallNumber.EXECVEAT,
      SyscallNumber.FORK,
      SyscallNumber.VFORK,
      SyscallNumber.PTRACE,
      SyscallNumber.KILL,
      SyscallNumber.TKILL,
      SyscallNumber.PROCESS_VM_READV,
      SyscallNumber.PROCESS_VM_WRITEV,
      SyscallNumber.PIDFD_OPEN,
      SyscallNumber.PIDFD_GETFD),
  MOUNTS(
      "leaving the root directory it was locked into",
      SyscallNumber.MOUNT,
      SyscallNumber.UMOUNT2,
      SyscallNumber.PIVOT_ROOT,
      SyscallNumber.CHROOT,
      SyscallNumber.OPEN_TREE,
      SyscallNumber.MOVE_MOUNT,
      SyscallNumber.FSOPEN,
      SyscallNumber.FSMOUNT,
      SyscallNumber.MOUNT_SETATTR,
      SyscallNumber.SETNS,
      SyscallNumber.UNSHARE,
      SyscallNumber.OPEN_BY_HANDLE_AT),
  KERNEL(
      "the host's kernel: programs, modules, keys, rings",
      SyscallNumber.BPF,
      SyscallNumber.PERF_EVENT_OPEN,
      SyscallNumber.IO_URING_SETUP,
      SyscallNumber.USERFAULTFD,
      SyscallNumber.INIT_MODULE,
      SyscallNumber.FINIT_MODULE,
      SyscallNumber.DELETE_MODULE,
      SyscallNumber.KEXEC_LOAD,
      SyscallNumber.KEXEC_FILE_LOAD,
      SyscallNumber.ADD_KEY,
      SyscallNumber.REQUEST_KEY,
      SyscallNumber.KEYCTL,
      SyscallNumber.REBOOT,
      SyscallNumber.SWAPON,
      SyscallNumber.SWAPOFF,
      SyscallNumber.SETTIMEOFDAY,
      SyscallNumber.CLOCK_SETTIME,
      SyscallNumber.SETHOSTNAME,
      SyscallNumber.IOPL,
      SyscallNumber.IOPERM);

  private final String reason;
  private final List<SyscallNumber> syscalls;

  GoferForbidden(String reason, SyscallNumber... syscalls) {
    this.reason = reason;
    this.syscalls = List.of(syscalls);
  }

  /** What they would be good for. */
  public String reason() {
    return reason;
  }

  public List<SyscallNumber> syscalls() {
    return syscalls;
  }

  /** The rules of a filter that otherwise allows. Threads may be made, processes not. */
  public static List<SyscallRule> rules() {
    List<List<ArgumentCheck>> always = List.of(List.of());
    List<SyscallRule> rules = new ArrayList<>();
    Arrays.stream(values())
        .flatMap(f -> f.syscalls.stream())
        .forEach(s -> rules.add(new SyscallRule(s, Verdict.KILL, always)));
    rules.add(new SyscallRule(SyscallNumber.CLONE3, Verdict.NOT_IMPLEMENTED, always));
    rules.add(
        new SyscallRule(
            SyscallNumber.CLONE, Verdict.ALLOW, List.of(List.of(ArgumentCheck.isThread()))));
    rules.add(new SyscallRule(SyscallNumber.CLONE, Verdict.KILL, always));
    return rules;
  }
}
