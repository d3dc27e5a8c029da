package io.loomvisor.runtime.seccomp;

import static io.loomvisor.runtime.seccomp.ArgumentCheck.isInt;

import io.loomvisor.kernel.syscall.SyscallNumber;
import java.util.ArrayList;
import java.util.List;

/**
 * What a socket gofer may ask of the host besides what the sentry may ({@link SentrySyscall}),
 * whose ioctls it has not. docs/security.md is generated from this list too.
 */
public enum SocketGoferSyscall {
  SOCKET(
      "families AF_INET and AF_INET6",
      "the sandbox's sockets in the host's network",
      List.of(List.of(isInt(0, 2)), List.of(isInt(0, 10)))),
  BIND("", "their names", List.of(List.of())),
  CONNECT("", "their connections", List.of(List.of())),
  LISTEN("", "the same", List.of(List.of())),
  ACCEPT4("", "the same", List.of(List.of())),
  GETSOCKNAME("", "their names", List.of(List.of())),
  GETPEERNAME("", "the same", List.of(List.of())),
  GETSOCKOPT("", "options by level and number (gofer.abi.HostSocketOptions)", List.of(List.of())),
  SETSOCKOPT("", "the same", List.of(List.of())),
  EPOLL_CTL("", "what happens on them", List.of(List.of())),
  EPOLL_WAIT("", "the same", List.of(List.of())),
  IOCTL(
      "SIOCOUTQ, SIOCOUTQNSD, SIOCATMARK, instead of the sentry's",
      "how much has not been sent, and where urgent data are",
      List.of(List.of(isInt(1, 0x5411)), List.of(isInt(1, 0x894B)), List.of(isInt(1, 0x8905))));

  private final String condition;
  private final String reason;
  private final List<List<ArgumentCheck>> alternatives;

  SocketGoferSyscall(String condition, String reason, List<List<ArgumentCheck>> alternatives) {
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
   * @param pid the gofer's own, as it sees it
   */
  public static List<SyscallRule> rules(int pid) {
    List<SyscallRule> rules = new ArrayList<>(SentrySyscall.rules(pid, false));
    rules.removeIf(r -> r.syscall() == SyscallNumber.IOCTL);
    for (SocketGoferSyscall s : values()) {
      rules.add(new SyscallRule(s.syscall(), Verdict.ALLOW, s.alternatives));
    }
    return rules;
  }
}
