package io.loomvisor.kernel.syscall.file;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.Task;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.vfs.FileDescription;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Who gets SIGIO for a description (fcntl(2), "Managing signals"). Kept and reported; the signals
 * themselves are not sent. Entries go with their description.
 */
final class SignalOwners {
  private static final int F_OWNER_TID = 0;
  private static final int F_OWNER_PID = 1;
  private static final int F_OWNER_PGRP = 2;

  private record Owner(int type, int id, int signal) {}

  private static final Owner NOBODY = new Owner(F_OWNER_PID, 0, 0);

  private final Map<FileDescription, Owner> owners = new ConcurrentHashMap<>();

  long setOwner(FileDescription d, int id) {
    if (id == Integer.MIN_VALUE) {
      throw Errno.EINVAL.exception();
    }
    put(d, id < 0 ? F_OWNER_PGRP : F_OWNER_PID, Math.abs(id), of(d).signal);
    return 0;
  }

  long owner(FileDescription d) {
    Owner o = of(d);
    return o.type == F_OWNER_PGRP ? -o.id : o.type == F_OWNER_PID ? o.id : 0;
  }

  /** struct f_owner_ex: int type, pid. */
  long setOwnerEx(Task task, FileDescription d, long address) {
    ByteBuffer b = ByteBuffer.wrap(task.memory().copyIn(address, 8)).order(ByteOrder.LITTLE_ENDIAN);
    int type = b.getInt(0);
    if (type < F_OWNER_TID || type > F_OWNER_PGRP) {
      throw Errno.EINVAL.exception();
    }
    put(d, type, b.getInt(4), of(d).signal);
    return 0;
  }

  long ownerEx(Task task, FileDescription d, long address) {
    Owner o = of(d);
    task.memory()
        .copyOut(
            address,
            ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(o.type)
                .putInt(o.id)
                .array());
    return 0;
  }

  long setSignal(FileDescription d, long signal) {
    if (signal < 0 || signal > Signal.SIGRTMAX) {
      throw Errno.EINVAL.exception();
    }
    Owner o = of(d);
    put(d, o.type, o.id, (int) signal);
    return 0;
  }

  long signal(FileDescription d) {
    return of(d).signal;
  }

  private Owner of(FileDescription d) {
    return owners.getOrDefault(d, NOBODY);
  }

  private void put(FileDescription d, int type, int id, int signal) {
    if (owners.put(d, new Owner(type, id, signal)) == null
        && !d.onLastRelease(() -> owners.remove(d))) {
      owners.remove(d);
    }
  }
}
