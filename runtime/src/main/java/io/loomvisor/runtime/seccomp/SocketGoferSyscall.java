package io.loomvisor.runtime.seccomp;

import static io.loomvisor.runtime.seccomp.ArgumentCheck.isInt;

import io.loomvisor.kernel.syscall.SyscallNumber;
import java.util.List;

/**
 * What a socket gofer may ask of the host besides what the sentry may ({@link SentrySyscall}),
 * whose ioctls it has not. docs/security.md is generated from this list too.
 */
public final class SocketGoferSyscall {
  static final List<FurtherSyscall> ALL =
      List.of(
          new FurtherSyscall(
              SyscallNumber.SOCKET,
              "families AF_INET and AF_INET6",
              "the sandbox's sockets in the host's network",
              List.of(List.of(isInt(0, 2)), List.of(isInt(0, 10)))),
          FurtherSyscall.any(SyscallNumber.BIND, "their names"),
          FurtherSyscall.any(SyscallNumber.CONNECT, "their connections"),
          FurtherSyscall.any(SyscallNumber.LISTEN, "the same"),
          FurtherSyscall.any(SyscallNumber.ACCEPT4, "the same"),
          FurtherSyscall.any(SyscallNumber.GETSOCKNAME, "their names"),
          FurtherSyscall.any(SyscallNumber.GETPEERNAME, "the same"),
          FurtherSyscall.any(
              SyscallNumber.GETSOCKOPT,
              "options by level and number (gofer.abi.HostSocketOptions)"),
          FurtherSyscall.any(SyscallNumber.SETSOCKOPT, "the same"),
          FurtherSyscall.any(SyscallNumber.EPOLL_CTL, "what happens on them"),
          FurtherSyscall.any(SyscallNumber.EPOLL_WAIT, "the same"),
          new FurtherSyscall(
              SyscallNumber.IOCTL,
              "SIOCOUTQ, SIOCOUTQNSD, SIOCATMARK, instead of the sentry's",
              "how much has not been sent, and where urgent data are",
              List.of(
                  List.of(isInt(1, 0x5411)),
                  List.of(isInt(1, 0x894B)),
                  List.of(isInt(1, 0x8905)))));

  private SocketGoferSyscall() {}

  /**
   * The sentry's rules and these.
   *
   * @param pid the gofer's own, as it sees it
   */
  public static List<SyscallRule> rules(int pid) {
    return FurtherSyscall.besidesTheSentrys(pid, ALL);
  }
}
