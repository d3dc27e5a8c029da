package io.loomvisor.kernel.syscall.file;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileSystemStat;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.mount.Mount;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** ustat(2): free blocks and files of a mounted file system, by its device number. */
public final class UstatCall {
  /** struct ustat: f_tfree at 0, f_tinode at 8, two names of six bytes that Linux leaves empty. */
  private static final int SIZE = 32;

  public void register(SyscallTable.Builder b) {
    b.full(SyscallNumber.USTAT, this::ustat);
  }

  private long ustat(Task task, SyscallArguments a) {
    for (Mount mount : task.fileSystem().namespace().mounts()) {
      if ((int) mount.filesystem().device() == a.getInt(0)) {
        FileSystemStat s = mount.filesystem().statfs();
        ByteBuffer b = ByteBuffer.allocate(SIZE).order(ByteOrder.LITTLE_ENDIAN);
        b.putInt(0, (int) s.blocksFree()).putLong(8, s.filesFree());
        task.memory().copyOut(a.get(1), b.array());
        return 0;
      }
    }
    throw Errno.EINVAL.exception();
  }
}
