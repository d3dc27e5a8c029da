package io.loomvisor.runtime.seccomp;

import java.util.List;
import java.util.stream.Collectors;

/** The filters as a part of docs/security.md. */
public final class LockDocument {
  private LockDocument() {}

  public static String markdown() {
    StringBuilder page = new StringBuilder();
    page.append("### The sentry: ").append(SentrySyscall.allowed(true)).append(" syscalls\n\n");
    page.append("| Syscall | Only if | Needed for |\n| --- | --- | --- |\n");
    for (SentrySyscall s : SentrySyscall.values()) {
      row(page, s.syscall().linuxName(), s.condition(), s.reason());
    }
    page.append("\nIts ioctl(2) requests:\n\n| Request | Needed for |\n| --- | --- |\n");
    for (SentryIoctl i : SentryIoctl.values()) {
      row(page, i.name(), i.reason());
    }
    further(page, "The network keeper", KeeperSyscall.ALL);
    further(page, "The socket gofer", SocketGoferSyscall.ALL);
    page.append(
        "\n### The gofer: what kills it\n\n| Syscalls | Would be good for |\n| --- | --- |\n");
    for (GoferForbidden f : GoferForbidden.values()) {
      row(
          page,
          f.syscalls().stream().map(n -> n.linuxName()).collect(Collectors.joining(", ")),
          f.reason());
    }
    return page.toString();
  }

  private static void further(StringBuilder page, String who, List<FurtherSyscall> syscalls) {
    page.append("\n### ").append(who).append(": the sentry's and these\n\n");
    page.append("| Syscall | Only if | Needed for |\n| --- | --- | --- |\n");
    for (FurtherSyscall s : syscalls) {
      row(page, s.syscall().linuxName(), s.condition(), s.reason());
    }
  }

  private static void row(StringBuilder page, String... cells) {
    page.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }
}
