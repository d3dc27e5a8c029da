package io.loomvisor.kernel.syscall.aio;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.Task;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A request (include/uapi/linux/aio_abi.h).
 *
 * <pre>
 *   struct iocb:   0 data     8 key     12 rw_flags   16 lio_opcode   18 reqprio   20 fildes
 *                 24 buf     32 nbytes  40 offset     48 reserved2    56 flags     60 resfd
 * </pre>
 */
record ControlBlock(
    long address,
    long data,
    int rwFlags,
    int opcode,
    int fd,
    long buffer,
    long length,
    long offset,
    int flags,
    int eventFd) {
  static final int PREAD = 0;
  static final int PWRITE = 1;
  static final int FSYNC = 2;
  static final int FDSYNC = 3;
  static final int POLL = 5;
  static final int NOOP = 6;
  static final int PREADV = 7;
  static final int PWRITEV = 8;

  /** IOCB_FLAG_RESFD: {@code eventFd} is told. */
  static final int FLAG_RESFD = 1;

  private static final int SIZE = 64;

  /** EFAULT; EINVAL if what must be zero is not or a length is negative. */
  static ControlBlock read(Task task, long address) {
    ByteBuffer b =
        ByteBuffer.wrap(task.memory().copyIn(address, SIZE)).order(ByteOrder.LITTLE_ENDIAN);
    if (b.getLong(48) != 0 || b.getLong(32) < 0) {
      throw Errno.EINVAL.exception();
    }
    return new ControlBlock(
        address,
        b.getLong(0),
        b.getInt(12),
        b.getShort(16) & 0xffff,
        b.getInt(20),
        b.getLong(24),
        b.getLong(32),
        b.getLong(40),
        b.getInt(56),
        b.getInt(60));
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }
}
