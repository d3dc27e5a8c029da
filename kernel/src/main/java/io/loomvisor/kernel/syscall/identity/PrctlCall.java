package io.loomvisor.kernel.syscall.identity;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.credential.Securebits;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.syscall.seccomp.SeccompCall;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.vfs.Credentials;
import java.nio.charset.StandardCharsets;

/**
 * prctl(2). Options of hardware and features that the sandbox does not offer give EINVAL, as on a
 * kernel without them.
 */
final class PrctlCall {
  private static final int PR_SET_PDEATHSIG = 1;
  private static final int PR_GET_PDEATHSIG = 2;
  private static final int PR_GET_DUMPABLE = 3;
  private static final int PR_SET_DUMPABLE = 4;
  private static final int PR_GET_KEEPCAPS = 7;
  private static final int PR_SET_KEEPCAPS = 8;
  private static final int PR_SET_NAME = 15;
  private static final int PR_GET_NAME = 16;
  private static final int PR_GET_SECCOMP = 21;
  private static final int PR_SET_SECCOMP = 22;
  private static final int PR_CAPBSET_READ = 23;
  private static final int PR_CAPBSET_DROP = 24;
  private static final int PR_GET_SECUREBITS = 27;
  private static final int PR_SET_SECUREBITS = 28;
  private static final int PR_SET_TIMERSLACK = 29;
  private static final int PR_GET_TIMERSLACK = 30;
  private static final int PR_SET_CHILD_SUBREAPER = 36;
  private static final int PR_GET_CHILD_SUBREAPER = 37;
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int PR_GET_NO_NEW_PRIVS = 39;
  private static final int PR_GET_TID_ADDRESS = 40;
  private static final int PR_SET_THP_DISABLE = 41;
  private static final int PR_GET_THP_DISABLE = 42;
  private static final int PR_CAP_AMBIENT = 47;
  private static final int PR_CAP_AMBIENT_IS_SET = 1;
  private static final int PR_CAP_AMBIENT_RAISE = 2;
  private static final int PR_CAP_AMBIENT_LOWER = 3;
  private static final int PR_CAP_AMBIENT_CLEAR_ALL = 4;
  private static final int CAP_LAST_CAP = 40;
  private static final int NAME_SIZE = 16;
  private static final long TIMER_SLACK_NANOS = 50_000;

  private final ProcessTree processes;

  PrctlCall(ProcessTree processes) {
    this.processes = processes;
  }

  void register(SyscallTable.Builder b) {
    b.partial(
        SyscallNumber.PRCTL,
        "names, death signal, capabilities, dumpable, subreaper, no_new_privs, seccomp",
        this::prctl);
  }

  private long prctl(Task task, SyscallArguments a) {
    long value = a.get(1);
    return switch (a.getInt(0)) {
      case PR_SET_PDEATHSIG -> setDeathSignal(task, value);
      case PR_GET_PDEATHSIG -> put(task, value, processes.parentDeathSignal(task.group()));
      case PR_GET_DUMPABLE -> task.group().settings().dumpable() ? 1 : 0;
      case PR_SET_DUMPABLE -> {
        task.group().settings().setDumpable(flag(value));
        yield 0;
      }
      case PR_GET_KEEPCAPS,
          PR_SET_KEEPCAPS,
          PR_GET_SECUREBITS,
          PR_SET_SECUREBITS,
          PR_CAPBSET_READ,
          PR_CAPBSET_DROP,
          PR_CAP_AMBIENT ->
          capabilities(task, a);
      case PR_SET_NAME -> {
        task.setName(name(task, value));
        yield 0;
      }
      case PR_GET_NAME -> getName(task, value);
      case PR_GET_SECCOMP -> task.settings().seccomp().mode();
      case PR_SET_SECCOMP -> SeccompCall.setMode(task, value, a.get(2));
      case PR_GET_THP_DISABLE -> 0;
      case PR_SET_TIMERSLACK, PR_SET_THP_DISABLE -> 0; // hints: timers are as exact as the host's
      case PR_GET_TIMERSLACK -> TIMER_SLACK_NANOS;
      case PR_SET_CHILD_SUBREAPER -> {
        processes.setSubreaper(task.group(), value != 0);
        yield 0;
      }
      case PR_GET_CHILD_SUBREAPER -> put(task, value, processes.isSubreaper(task.group()) ? 1 : 0);
      case PR_SET_NO_NEW_PRIVS -> setNoNewPrivileges(task, a);
      case PR_GET_NO_NEW_PRIVS -> task.credentials().noNewPrivileges() ? 1 : 0;
      case PR_GET_TID_ADDRESS -> {
        task.memory().putLong(value, task.pointers().clearChildTid());
        yield 0;
      }
      default -> throw Errno.EINVAL.exception();
    };
  }

  private long setDeathSignal(Task task, long signal) {
    if (signal < 0 || signal > Signal.SIGRTMAX) {
      throw Errno.EINVAL.exception();
    }
    processes.setParentDeathSignal(task.group(), (int) signal);
    return 0;
  }

  private static long setNoNewPrivileges(Task task, SyscallArguments a) {
    if (a.get(1) != 1 || a.get(2) != 0 || a.get(3) != 0 || a.get(4) != 0) {
      throw Errno.EINVAL.exception();
    }
    task.setCredentials(task.credentials().withNoNewPrivileges());
    return 0;
  }

  private static long capabilities(Task task, SyscallArguments a) {
    Credentials c = task.credentials();
    long value = a.get(1);
    return switch (a.getInt(0)) {
      case PR_GET_KEEPCAPS -> (c.securebits() & Securebits.KEEP_CAPS) != 0 ? 1 : 0;
      case PR_SET_KEEPCAPS -> {
        boolean keep = flag(value);
        if ((c.securebits() & Securebits.KEEP_CAPS_LOCKED) != 0) {
          throw Errno.EPERM.exception();
        }
        int without = c.securebits() & ~Securebits.KEEP_CAPS;
        yield set(task, c.withSecurebits(keep ? without | Securebits.KEEP_CAPS : without));
      }
      case PR_GET_SECUREBITS -> c.securebits();
      case PR_SET_SECUREBITS -> {
        if (!c.has(Credentials.CAP_SETPCAP) || !Securebits.allowed(c.securebits(), (int) value)) {
          throw Errno.EPERM.exception();
        }
        yield set(task, c.withSecurebits((int) value));
      }
      case PR_CAPBSET_READ -> (c.bounding() & bit(value)) != 0 ? 1 : 0;
      case PR_CAPBSET_DROP -> {
        long bit = bit(value);
        if (!c.has(Credentials.CAP_SETPCAP)) {
          throw Errno.EPERM.exception();
        }
        yield set(
            task,
            c.withCapabilities(
                c.permitted(), c.effective(), c.inheritable(), c.bounding() & ~bit, c.ambient()));
      }
      default -> ambient(task, c, a);
    };
  }

  private static long ambient(Task task, Credentials c, SyscallArguments a) {
    if (a.get(3) != 0 || a.get(4) != 0) {
      throw Errno.EINVAL.exception();
    }
    long operation = a.get(1);
    if (operation == PR_CAP_AMBIENT_CLEAR_ALL) {
      if (a.get(2) != 0) {
        throw Errno.EINVAL.exception();
      }
      return set(task, withAmbient(c, 0));
    }
    long bit = bit(a.get(2));
    if (operation == PR_CAP_AMBIENT_IS_SET) {
      return (c.ambient() & bit) != 0 ? 1 : 0;
    }
    if (operation == PR_CAP_AMBIENT_LOWER) {
      return set(task, withAmbient(c, c.ambient() & ~bit));
    }
    if (operation != PR_CAP_AMBIENT_RAISE) {
      throw Errno.EINVAL.exception();
    }
    boolean forbidden = (c.securebits() & Securebits.NO_CAP_AMBIENT_RAISE) != 0;
    if ((c.permitted() & c.inheritable() & bit) == 0 || forbidden) {
      throw Errno.EPERM.exception();
    }
    return set(task, withAmbient(c, c.ambient() | bit));
  }

  private static Credentials withAmbient(Credentials c, long ambient) {
    return c.withCapabilities(c.permitted(), c.effective(), c.inheritable(), c.bounding(), ambient);
  }

  private static long set(Task task, Credentials now) {
    task.setCredentials(now);
    return 0;
  }

  private static long bit(long capability) {
    if (capability < 0 || capability > CAP_LAST_CAP) {
      throw Errno.EINVAL.exception();
    }
    return 1L << capability;
  }

  private static boolean flag(long value) {
    if (value != 0 && value != 1) {
      throw Errno.EINVAL.exception();
    }
    return value == 1;
  }

  private static long put(Task task, long address, int value) {
    task.memory().putInt(address, value);
    return 0;
  }

  private static long getName(Task task, long address) {
    byte[] out = new byte[NAME_SIZE];
    byte[] name = task.name().getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(name, 0, out, 0, Math.min(name.length, NAME_SIZE - 1));
    task.memory().copyOut(address, out);
    return 0;
  }

  /** At most 15 bytes, ended by a NUL or not. */
  private static String name(Task task, long address) {
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < NAME_SIZE - 1; i++) {
      int c = task.memory().getByte(address + i) & 0xff;
      if (c == 0) {
        break;
      }
      name.append((char) c);
    }
    return name.toString();
  }
}
