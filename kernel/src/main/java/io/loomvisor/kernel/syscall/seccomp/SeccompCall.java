package io.loomvisor.kernel.syscall.seccomp;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.task.seccomp.FilterProgram;
import io.loomvisor.task.seccomp.SeccompState;
import io.loomvisor.task.seccomp.Verdict;
import io.loomvisor.vfs.Credentials;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** seccomp(2), and PR_SET_SECCOMP of prctl(2). Stateless. */
public final class SeccompCall {
  private static final int SET_MODE_STRICT = 0;
  private static final int SET_MODE_FILTER = 1;
  private static final int GET_ACTION_AVAIL = 2;
  private static final int GET_NOTIF_SIZES = 3;
  private static final int MODE_STRICT = 1;
  private static final int MODE_FILTER = 2;
  private static final int FLAG_TSYNC = 1;
  private static final int FLAG_LOG = 2;
  private static final int FLAG_SPEC_ALLOW = 4;
  private static final int FLAG_TSYNC_ESRCH = 16;

  /** SECCOMP_FILTER_FLAG_NEW_LISTENER and what goes with it are not offered. */
  private static final int FLAGS = FLAG_TSYNC | FLAG_LOG | FLAG_SPEC_ALLOW | FLAG_TSYNC_ESRCH;

  /** struct sock_fprog: len (2), 6 of padding, filter. */
  private static final int FPROG_SIZE = 16;

  /** Sizes of struct seccomp_notif, seccomp_notif_resp and seccomp_data. */
  private static final long NOTIF_SIZES = 80L | 24L << 16 | 64L << 32;

  public void register(SyscallTable.Builder b) {
    b.partial(
        SyscallNumber.SECCOMP,
        "no listeners (SECCOMP_FILTER_FLAG_NEW_LISTENER: EINVAL)",
        this::seccomp);
  }

  private long seccomp(Task task, SyscallArguments a) {
    int flags = a.getInt(1);
    return switch (a.getInt(0)) {
      case SET_MODE_STRICT -> {
        if (flags != 0 || a.get(2) != 0) {
          throw Errno.EINVAL.exception();
        }
        yield setStrict(task);
      }
      case SET_MODE_FILTER -> setFilter(task, flags, a.get(2));
      case GET_ACTION_AVAIL -> {
        requireNoFlags(flags);
        yield available(task.memory().getInt(a.get(2)));
      }
      case GET_NOTIF_SIZES -> {
        requireNoFlags(flags);
        byte[] sizes =
            ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(NOTIF_SIZES).array();
        task.memory().copyOut(a.get(2), Arrays.copyOf(sizes, 6));
        yield 0;
      }
      default -> throw Errno.EINVAL.exception();
    };
  }

  /** prctl(PR_SET_SECCOMP, mode, filter). */
  public static long setMode(Task task, long mode, long filter) {
    if (mode == MODE_STRICT) {
      return setStrict(task);
    }
    if (mode == MODE_FILTER) {
      return setFilter(task, 0, filter);
    }
    throw Errno.EINVAL.exception();
  }

  private static void requireNoFlags(int flags) {
    if (flags != 0) {
      throw Errno.EINVAL.exception();
    }
  }

  private static long available(int action) {
    return switch (action) {
      case Verdict.KILL_PROCESS,
          Verdict.KILL_THREAD,
          Verdict.TRAP,
          Verdict.ERRNO,
          Verdict.TRACE,
          Verdict.LOG,
          Verdict.ALLOW ->
          0;
      default -> throw Errno.EOPNOTSUPP.exception();
    };
  }

  private static long setStrict(Task task) {
    if (task.settings().seccomp() instanceof SeccompState.Filter) {
      throw Errno.EINVAL.exception();
    }
    task.confine(SeccompState.STRICT);
    return 0;
  }

  private static long setFilter(Task task, int flags, long address) {
    if ((flags & ~FLAGS) != 0) {
      throw Errno.EINVAL.exception();
    }
    FilterProgram program = read(task, address);
    // Strict mode does not come here: it allows neither seccomp nor prctl.
    SeccompState.Filter earlier =
        task.settings().seccomp() instanceof SeccompState.Filter f ? f : null;
    SeccompState.Filter filter = SeccompState.Filter.on(program, earlier);
    if (!filter.fits()) {
      throw Errno.ENOMEM.exception();
    }
    if ((flags & FLAG_TSYNC) != 0) {
      int differs = firstThatDiffers(task, earlier);
      if (differs != 0) {
        if ((flags & FLAG_TSYNC_ESRCH) != 0) {
          throw Errno.ESRCH.exception();
        }
        return differs;
      }
      synchronizeThreads(task, filter);
    }
    task.confine(filter);
    return 0;
  }

  private static FilterProgram read(Task task, long address) {
    ByteBuffer fprog =
        ByteBuffer.wrap(task.memory().copyIn(address, FPROG_SIZE)).order(ByteOrder.LITTLE_ENDIAN);
    int length = fprog.getShort(0) & 0xffff;
    if (length == 0 || length > FilterProgram.MAX_LENGTH) {
      throw Errno.EINVAL.exception();
    }
    Credentials c = task.credentials();
    if (!c.noNewPrivileges() && !c.has(Credentials.CAP_SYS_ADMIN)) {
      throw Errno.EACCES.exception();
    }
    long code = fprog.getLong(8);
    if (code == 0) {
      throw Errno.EINVAL.exception();
    }
    byte[] bytes = task.memory().copyIn(code, length * FilterProgram.INSTRUCTION_SIZE);
    FilterProgram program = FilterProgram.of(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
    if (program == null) {
      throw Errno.EINVAL.exception();
    }
    return program;
  }

  /** The id of a thread whose filters this thread's do not stem from as well; 0 for none. */
  private static int firstThatDiffers(Task task, SeccompState.Filter mine) {
    for (Task other : task.group().tasks()) {
      if (other == task || other.ended()) {
        continue;
      }
      boolean alike =
          switch (other.settings().seccomp()) {
            case SeccompState.None n -> true;
            case SeccompState.Strict s -> false;
            case SeccompState.Filter f -> mine != null && f.isAncestorOf(mine);
          };
      if (!alike) {
        return other.threadId();
      }
    }
    return 0;
  }

  private static void synchronizeThreads(Task task, SeccompState.Filter filter) {
    boolean confined = task.credentials().noNewPrivileges();
    for (Task other : task.group().tasks()) {
      if (other != task) {
        if (confined) {
          other.setCredentials(other.credentials().withNoNewPrivileges());
        }
        other.confine(filter);
      }
    }
  }
}
