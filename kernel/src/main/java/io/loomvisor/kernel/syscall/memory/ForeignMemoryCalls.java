package io.loomvisor.kernel.syscall.memory;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.credential.PtraceAccess;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.task.memory.MemoryManager;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/**
 * process_vm_readv(2) and process_vm_writev(2): through a buffer, for no actor holds two spaces.
 */
public final class ForeignMemoryCalls {
  private static final int CHUNK = 64 << 10;

  private final ProcessTree processes;

  public ForeignMemoryCalls(ProcessTree processes) {
    this.processes = processes;
  }

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.PROCESS_VM_READV, this::read);
    b.full(SyscallNumber.PROCESS_VM_WRITEV, this::write);
  }

  private long read(Task task, SyscallArguments a) {
    checkFlags(a);
    IoTarget local = task.memory().targetVector(a.get(1), count(a.get(2)));
    if (local.remaining() == 0) {
      return 0;
    }
    IoVector remote = IoVector.copyIn(task, a.get(3), a.get(4));
    return remote.isEmpty() ? 0 : withMemory(task, a.getInt(0), m -> read(m, remote, local));
  }

  private long write(Task task, SyscallArguments a) {
    checkFlags(a);
    IoSource local = task.memory().sourceVector(a.get(1), count(a.get(2)));
    if (local.remaining() == 0) {
      return 0;
    }
    IoVector remote = IoVector.copyIn(task, a.get(3), a.get(4));
    return remote.isEmpty() ? 0 : withMemory(task, a.getInt(0), m -> write(m, remote, local));
  }

  private static void checkFlags(SyscallArguments a) {
    if (a.get(5) != 0) {
      throw Errno.EINVAL.exception();
    }
  }

  private static int count(long count) {
    if (count < 0 || count > IoVector.MAX) {
      throw Errno.EINVAL.exception();
    }
    return (int) count;
  }

  /** The other's address space does not go away meanwhile. */
  private long withMemory(Task task, int pid, ToLongFunction<MemoryManager> transfer) {
    Task target = processes.task(pid);
    if (target == null) {
      throw Errno.ESRCH.exception();
    }
    PtraceAccess.check(task, target);
    MemoryManager memory = target.memoryManager();
    if (!memory.acquireUser()) {
      throw Errno.ESRCH.exception();
    }
    try {
      return transfer.applyAsLong(memory);
    } finally {
      memory.releaseUser();
    }
  }

  /** Ends at the first byte that cannot be moved; EFAULT if that is the very first. */
  private static long read(MemoryManager memory, IoVector remote, IoTarget local) {
    MemorySegment buffer = buffer(local.remaining());
    long done = 0;
    for (IoVector.Part part : remote.parts()) {
      for (long at = 0; at < part.length() && local.remaining() > 0; ) {
        long wanted = Math.min(Math.min(CHUNK, part.length() - at), local.remaining());
        long had = memory.copyInPartial(part.address() + at, buffer, 0, wanted);
        long put = had == 0 ? 0 : putSome(local, buffer, had);
        done += put;
        at += put;
        if (put < wanted) {
          return some(done);
        }
      }
    }
    return some(done);
  }

  private static long write(MemoryManager memory, IoVector remote, IoSource local) {
    MemorySegment buffer = buffer(local.remaining());
    long done = 0;
    for (IoVector.Part part : remote.parts()) {
      for (long at = 0; at < part.length() && local.remaining() > 0; ) {
        long wanted = Math.min(Math.min(CHUNK, part.length() - at), local.remaining());
        long got = getSome(local, buffer, wanted);
        long put = got == 0 ? 0 : memory.copyOutPartial(part.address() + at, buffer, 0, got);
        done += put;
        at += put;
        if (put < wanted) {
          return some(done);
        }
      }
    }
    return some(done);
  }

  private static long putSome(IoTarget local, MemorySegment buffer, long length) {
    return orNothing(() -> local.put(buffer, 0, length));
  }

  private static long getSome(IoSource local, MemorySegment buffer, long length) {
    return orNothing(() -> local.get(buffer, 0, length));
  }

  /** A fault ends the transfer; what came before it counts. */
  private static long orNothing(LongSupplier transfer) {
    try {
      return transfer.getAsLong();
    } catch (LinuxException e) {
      if (e.errno() != Errno.EFAULT) {
        throw e;
      }
      return 0;
    }
  }

  private static MemorySegment buffer(long transfer) {
    return MemorySegment.ofArray(new byte[(int) Math.min(transfer, CHUNK)]);
  }

  private static long some(long done) {
    if (done == 0) {
      throw Errno.EFAULT.exception();
    }
    return done;
  }
}
