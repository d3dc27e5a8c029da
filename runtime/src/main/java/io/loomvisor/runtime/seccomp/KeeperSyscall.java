package io.loomvisor.runtime.seccomp;

import static io.loomvisor.runtime.seccomp.ArgumentCheck.isInt;

import io.loomvisor.kernel.syscall.SyscallNumber;
import java.util.List;

/**
 * What the network keeper may ask of the host besides what the sentry may ({@link SentrySyscall}).
 * docs/security.md is generated from this list too.
 */
public final class KeeperSyscall {
  static final List<FurtherSyscall> ALL =
      List.of(
          new FurtherSyscall(
              SyscallNumber.SOCKET,
              "families AF_INET and AF_PACKET, and AF_NETLINK for NETLINK_ROUTE",
              "packet sockets of interfaces that come later; connections to Docker's name server",
              List.of(
                  List.of(isInt(0, 2)), List.of(isInt(0, 17)), List.of(isInt(0, 16), isInt(2, 0)))),
          FurtherSyscall.any(SyscallNumber.BIND, "a packet socket to its interface"),
          FurtherSyscall.any(SyscallNumber.CONNECT, "to Docker's name server"),
          FurtherSyscall.any(SyscallNumber.SETSOCKOPT, "options and filter of a packet socket"),
          FurtherSyscall.any(SyscallNumber.SENDTO, "questions about the namespace's interfaces"),
          FurtherSyscall.any(SyscallNumber.RECVFROM, "the answers"),
          FurtherSyscall.any(
              SyscallNumber.PIPE2,
              "the pipe by which the sentry wakes the reader of an interface"));

  private KeeperSyscall() {}

  /**
   * The sentry's rules and these.
   *
   * @param pid the keeper's own, as it sees it
   */
  public static List<SyscallRule> rules(int pid) {
    return FurtherSyscall.besidesTheSentrys(pid, ALL);
  }
}
