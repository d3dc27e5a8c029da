package io.loomvisor.runtime.seccomp;

import static io.loomvisor.runtime.seccomp.ArgumentCheck.isInt;

import io.loomvisor.kernel.syscall.SyscallNumber;
import java.util.ArrayList;
import java.util.List;

/**
 * What the network keeper may ask of the host besides what the sentry may ({@link SentrySyscall}).
 * docs/security.md is generated from this list too.
 */
public enum KeeperSyscall {
  SOCKET(
      "families AF_INET and AF_PACKET, and AF_NETLINK for NETLINK_ROUTE",
      "packet sockets of interfaces that come later; connections to Docker's name server",
      List.of(List.of(isInt(0, 2)), List.of(isInt(0, 17)), List.of(isInt(0, 16), isInt(2, 0)))),
  BIND("", "a packet socket to its interface", List.of(List.of())),
  CONNECT("", "to Docker's name server", List.of(List.of())),
  SETSOCKOPT("", "options and filter of a packet socket", List.of(List.of())),
  SENDTO("", "questions about the namespace's interfaces", List.of(List.of())),
  RECVFROM("", "the answers", List.of(List.of())),
  PIPE2("", "the pipe by which the sentry wakes the reader of an interface", List.of(List.of()));

  private final String condition;
  private final String reason;
  private final List<List<ArgumentCheck>> alternatives;

  KeeperSyscall(String condition, String reason, List<List<ArgumentCheck>> alternatives) {
    this.condition = condition;
    this.reason = reason;
    this.alternatives = alternatives;
  }

  public SyscallNumber syscall() {
    return SyscallNumber.valueOf(name());
  }

  /** For people. */
  public String condition() {
    return condition;
  }

  public String reason() {
    return reason;
  }

  /**
   * The sentry's rules and these.
   *
   * @param pid the keeper's own, as it sees it
   */
  public static List<SyscallRule> rules(int pid) {
    List<SyscallRule> rules = new ArrayList<>(SentrySyscall.rules(pid, false));
    for (KeeperSyscall s : values()) {
      rules.add(new SyscallRule(s.syscall(), Verdict.ALLOW, s.alternatives));
    }
    return rules;
  }
}
