package io.loomvisor.runtime.boot;

import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.syscall.SyscallNumber;
import java.util.Locale;

/** The syscall table as text, for people ({@code docs/syscalls.md}) and for programs. */
public final class SyscallList {
  private final SyscallTable table;

  public SyscallList(SyscallTable table) {
    this.table = table;
  }

  public String markdown() {
    StringBuilder text = new StringBuilder("# Syscalls\n\n| Number | Name | Support | Note |\n| --- | --- | --- | --- |\n");
    for (SyscallNumber n : SyscallNumber.values()) {
      SyscallTable.Entry e = table.entry(n.number());
      text.append("| ").append(n.number()).append(" | ").append(n.linuxName()).append(" | ");
      text.append(support(e)).append(" | ").append(e.note()).append(" |\n");
    }
    return text.toString();
  }

  public String json() {
    StringBuilder text = new StringBuilder("[");
    String separator = "\n";
    for (SyscallNumber n : SyscallNumber.values()) {
      SyscallTable.Entry e = table.entry(n.number());
      text.append(separator).append("  {\"number\": ").append(n.number());
      text.append(", \"name\": \"").append(n.linuxName());
      text.append("\", \"support\": \"").append(support(e));
      text.append("\", \"note\": \"").append(e.note().replace("\\", "\\\\").replace("\"", "\\\"")).append("\"}");
      separator = ",\n";
    }
    return text.append("\n]\n").toString();
  }

  private static String support(SyscallTable.Entry e) {
    return e.support().name().toLowerCase(Locale.ROOT);
  }
}
