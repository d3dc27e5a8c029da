package io.loomvisor.kernel.syscall.file;

import static io.loomvisor.kernel.syscall.QuickSyscall.quick;
import static io.loomvisor.kernel.syscall.SyscallNumber.PIPE;
import static io.loomvisor.kernel.syscall.SyscallNumber.PIPE2;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.kernel.KernelContext;
import io.loomvisor.kernel.syscall.OpenFile;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.pipe.PipeFilesystem;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** pipe(2) and pipe2(2). */
final class PipeCalls {
  private final KernelContext kernel;

  PipeCalls(KernelContext kernel) {
    this.kernel = kernel;
  }

  void register(SyscallTable.Builder b) {
    b.full(PIPE, quick((t, a) -> pipe(t, a.get(0), 0)));
    b.full(PIPE2, quick((t, a) -> pipe(t, a.get(0), a.getInt(1))));
  }

  private long pipe(Task task, long address, int flags) {
    if ((flags & ~(OpenFlags.O_CLOEXEC | OpenFlags.O_NONBLOCK | OpenFlags.O_DIRECT)) != 0) {
      throw Errno.EINVAL.exception();
    }
    boolean cloexec = (flags & OpenFlags.O_CLOEXEC) != 0;
    PipeFilesystem.Ends ends = kernel.pipes().createPipe(flags, task.credentials());
    int read = installFirst(task, ends, cloexec);
    int write;
    try {
      write = OpenFile.install(task, ends.write(), cloexec);
    } catch (RuntimeException | Error e) {
      remove(task, read);
      throw e;
    }
    ByteBuffer out =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putInt(read).putInt(write);
    try {
      task.memory().copyOut(address, out.array());
    } catch (RuntimeException | Error e) {
      remove(task, read);
      remove(task, write);
      throw e;
    }
    return 0;
  }

  private static int installFirst(Task task, PipeFilesystem.Ends ends, boolean cloexec) {
    try {
      return OpenFile.install(task, ends.read(), cloexec);
    } catch (RuntimeException | Error e) {
      ends.write().release();
      throw e;
    }
  }

  private static void remove(Task task, int fd) {
    FileDescription d = task.descriptors().remove(fd);
    if (d != null) {
      d.release();
    }
  }
}
