package io.loomvisor.kernel.syscall;

import java.util.Arrays;
import java.util.Locale;

/** The system call table as a page of documentation, and as data for programs. */
public final class SyscallDocument {
  private SyscallDocument() {}

  /** One row per syscall of Linux, by number. */
  public static String markdown(SyscallTable table) {
    StringBuilder page = new StringBuilder("# System calls\n\n");
    page.append(
        "Generated from the system call table by `./loomvisor syscalls > docs/syscalls.md`; do not"
            + " edit.\n\n");
    page.append(count(table, SyscallTable.Support.FULL)).append(" are served in full, ");
    page.append(count(table, SyscallTable.Support.PARTIAL)).append(" in part, ");
    page.append(count(table, SyscallTable.Support.NONE))
        .append(" not; what is not served fails with ENOSYS, or as noted.\n\n");
    page.append("| Number | Name | Support | Note |\n| ---: | --- | --- | --- |\n");
    for (SyscallNumber n : SyscallNumber.values()) {
      SyscallTable.Entry e = table.entry(n.number());
      page.append("| ").append(n.number()).append(" | ").append(n.linuxName()).append(" | ");
      page.append(support(e)).append(" | ").append(e.note()).append(" |\n");
    }
    return page.toString();
  }

  private static long count(SyscallTable table, SyscallTable.Support support) {
    return Arrays.stream(SyscallNumber.values())
        .filter(n -> table.entry(n.number()).support() == support)
        .count();
  }

  /** An array of objects with number, name, support and note. */
  public static String json(SyscallTable table) {
    StringBuilder text = new StringBuilder("[");
    String separator = "\n";
    for (SyscallNumber n : SyscallNumber.values()) {
      SyscallTable.Entry e = table.entry(n.number());
      text.append(separator).append("  {\"number\": ").append(n.number());
      text.append(", \"name\": \"").append(n.linuxName());
      text.append("\", \"support\": \"").append(support(e));
      text.append("\", \"note\": \"")
          .append(e.note().replace("\\", "\\\\").replace("\"", "\\\""))
          .append("\"}");
      separator = ",\n";
    }
    return text.append("\n]\n").toString();
  }

  private static String support(SyscallTable.Entry e) {
    return e.support().name().toLowerCase(Locale.ROOT);
  }
}
