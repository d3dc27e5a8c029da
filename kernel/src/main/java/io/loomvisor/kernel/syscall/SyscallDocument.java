package io.loomvisor.kernel.syscall;

import java.util.Locale;

/** The system call table as a page of documentation. */
public final class SyscallDocument {
  private SyscallDocument() {}

  /** One row per syscall of Linux, by number. */
  public static String markdown(SyscallTable table) {
    StringBuilder page = new StringBuilder("# System calls\n\nGenerated from the system call table; do not edit.\n\n");
    page.append("| Number | Name | Support | Note |\n| ---: | --- | --- | --- |\n");
    for (int n = 0; n < SyscallNumber.LIMIT; n++) {
      SyscallTable.Entry e = table.entry(n);
      if (e != null) {
        page.append("| ").append(n).append(" | ").append(e.number().linuxName()).append(" | ");
        page.append(e.support().name().toLowerCase(Locale.ROOT)).append(" | ").append(e.note()).append(" |\n");
      }
    }
    return page.toString();
  }
}
