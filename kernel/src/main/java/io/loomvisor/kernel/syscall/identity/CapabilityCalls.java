package io.loomvisor.kernel.syscall.identity;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.vfs.Credentials;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** capget(2) and capset(2). Version 1 has one 32-bit word to a set, the later ones two. */
final class CapabilityCalls {
  private static final int VERSION_1 = 0x19980330;
  private static final int VERSION_2 = 0x20071026;
  private static final int VERSION_3 = 0x20080522;
  private static final int DATA_SIZE = 12;
  private static final long LOW = 0xffff_ffffL;

  private final ProcessTree processes;

  CapabilityCalls(ProcessTree processes) {
    this.processes = processes;
  }

  void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.CAPGET, this::capget);
    b.full(SyscallNumber.CAPSET, this::capset);
  }

  /**
   * Words to a set; 0 if the version is unknown, and then the header says which one is preferred.
   */
  private static int words(Task task, long header) {
    return switch (task.memory().getInt(header)) {
      case VERSION_1 -> 1;
      case VERSION_2, VERSION_3 -> 2;
      default -> {
        task.memory().putInt(header, VERSION_3);
        yield 0;
      }
    };
  }

  private long capget(Task task, SyscallArguments a) {
    int words = words(task, a.get(0));
    if (words == 0) {
      if (a.get(1) == 0) {
        return 0;
      }
      throw Errno.EINVAL.exception();
    }
    int pid = task.memory().getInt(a.get(0) + 4);
    if (pid < 0) {
      throw Errno.EINVAL.exception();
    }
    Task target = pid == 0 ? task : processes.task(pid);
    if (target == null) {
      throw Errno.ESRCH.exception();
    }
    if (a.get(1) == 0) {
      return 0;
    }
    Credentials c = target.credentials();
    ByteBuffer data = ByteBuffer.allocate(DATA_SIZE * words).order(ByteOrder.LITTLE_ENDIAN);
    for (int w = 0; w < words; w++) {
      int shift = 32 * w;
      data.putInt((int) (c.effective() >>> shift));
      data.putInt((int) (c.permitted() >>> shift));
      data.putInt((int) (c.inheritable() >>> shift));
    }
    task.memory().copyOut(a.get(1), data.array());
    return 0;
  }

  private long capset(Task task, SyscallArguments a) {
    int words = words(task, a.get(0));
    if (words == 0) {
      throw Errno.EINVAL.exception();
    }
    int pid = task.memory().getInt(a.get(0) + 4);
    if (pid != 0 && pid != task.threadId()) {
      throw Errno.EPERM.exception();
    }
    ByteBuffer data =
        ByteBuffer.wrap(task.memory().copyIn(a.get(1), DATA_SIZE * words))
            .order(ByteOrder.LITTLE_ENDIAN);
    long effective = set(data, 0, words);
    long permitted = set(data, 4, words);
    long inheritable = set(data, 8, words);
    task.setCredentials(changed(task.credentials(), effective, permitted, inheritable));
    return 0;
  }

  private static long set(ByteBuffer data, int offset, int words) {
    long value = data.getInt(offset) & LOW;
    if (words > 1) {
      value |= (data.getInt(DATA_SIZE + offset) & LOW) << 32;
    }
    return value & Credentials.ALL_CAPABILITIES;
  }

  /** security/commoncap.c: cap_capset. */
  private static Credentials changed(
      Credentials c, long effective, long permitted, long inheritable) {
    boolean free = c.has(Credentials.CAP_SETPCAP);
    long gained = inheritable & ~c.inheritable();
    if (!free && (gained & ~c.permitted()) != 0
        || (gained & ~c.bounding()) != 0
        || (permitted & ~c.permitted()) != 0
        || (effective & ~permitted) != 0) {
      throw Errno.EPERM.exception();
    }
    return c.withCapabilities(
        permitted, effective, inheritable, c.bounding(), c.ambient() & permitted & inheritable);
  }
}
