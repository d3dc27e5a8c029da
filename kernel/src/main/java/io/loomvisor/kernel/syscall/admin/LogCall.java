package io.loomvisor.kernel.syscall.admin;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.task.UtsName;
import io.loomvisor.vfs.Credentials;
import java.nio.charset.StandardCharsets;

/**
 * syslog(2), the kernel's log: one line, which says what kernel this is. Nothing is ever added, so
 * reading on would wait for ever.
 */
public final class LogCall {
  private static final int CLOSE = 0;
  private static final int OPEN = 1;
  private static final int READ = 2;
  private static final int READ_ALL = 3;
  private static final int READ_CLEAR = 4;
  private static final int CLEAR = 5;
  private static final int CONSOLE_OFF = 6;
  private static final int CONSOLE_ON = 7;
  private static final int CONSOLE_LEVEL = 8;
  private static final int SIZE_UNREAD = 9;
  private static final int SIZE_BUFFER = 10;
  private static final int MIN_LEVEL = 1;
  private static final int MAX_LEVEL = 8;
  private static final int BUFFER = 1 << 17;

  private static final byte[] TEXT =
      ("<5>[    0.000000] Linux version " + UtsName.RELEASE + " " + UtsName.VERSION + "\n")
          .getBytes(StandardCharsets.ISO_8859_1);

  public void register(SyscallTable.Builder b) {
    b.partial(SyscallNumber.SYSLOG, "the log is one line that never changes", this::syslog);
  }

  private long syslog(Task task, SyscallArguments a) {
    int type = a.getInt(0);
    Credentials c = task.credentials();
    boolean open = type == READ_ALL || type == SIZE_BUFFER;
    if (!open && !c.has(Credentials.CAP_SYSLOG) && !c.has(Credentials.CAP_SYS_ADMIN)) {
      throw Errno.EPERM.exception();
    }
    return switch (type) {
      case CLOSE, OPEN, CLEAR, CONSOLE_OFF, CONSOLE_ON -> 0;
      case READ, READ_ALL, READ_CLEAR -> read(task, a, type);
      case CONSOLE_LEVEL -> {
        if (a.getInt(2) < MIN_LEVEL || a.getInt(2) > MAX_LEVEL) {
          throw Errno.EINVAL.exception();
        }
        yield 0;
      }
      case SIZE_UNREAD -> 0;
      case SIZE_BUFFER -> BUFFER;
      default -> throw Errno.EINVAL.exception();
    };
  }

  /** The last whole lines that fit; SYSLOG_ACTION_READ finds all read already. */
  private static long read(Task task, SyscallArguments a, int type) {
    int length = a.getInt(2);
    if (a.get(1) == 0 || length < 0) {
      throw Errno.EINVAL.exception();
    }
    if (length < TEXT.length || type == READ) {
      return 0;
    }
    task.memory().copyOut(a.get(1), TEXT);
    return TEXT.length;
  }
}
