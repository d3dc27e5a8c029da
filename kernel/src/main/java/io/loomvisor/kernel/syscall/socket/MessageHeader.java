package io.loomvisor.kernel.syscall.socket;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.Task;
import io.loomvisor.task.memory.UserMemory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * struct msghdr, with padding:
 *
 * <pre>
 *   0      8         16    24       32        40           48      52   56
 *   | name | namelen |     | iov    | iovlen  | control    | controllen | flags |
 * </pre>
 *
 * Each field is eight bytes but namelen and flags, which are four and padded.
 */
record MessageHeader(
    long at, long name, int nameLength, long vector, int count, long control, long controlLength) {
  static final int SIZE = 56;
  private static final int NAME_LENGTH = 8;
  private static final int CONTROL_LENGTH = 40;
  private static final int FLAGS = 48;
  private static final int IOV_MAX = 1024;

  /** EFAULT; EINVAL for a bad name length, EMSGSIZE for too many buffers. */
  static MessageHeader read(Task task, long at) {
    ByteBuffer b = ByteBuffer.wrap(task.memory().copyIn(at, SIZE)).order(ByteOrder.LITTLE_ENDIAN);
    long name = b.getLong(0);
    int nameLength = name == 0 ? 0 : b.getInt(NAME_LENGTH);
    if (nameLength < 0) {
      throw Errno.EINVAL.exception();
    }
    long count = b.getLong(24);
    if (count < 0 || count > IOV_MAX) {
      throw Errno.EMSGSIZE.exception();
    }
    return new MessageHeader(
        at, name, nameLength, b.getLong(16), (int) count, b.getLong(32), b.getLong(CONTROL_LENGTH));
  }

  void writeNameLength(UserMemory memory, int length) {
    memory.putInt(at + NAME_LENGTH, length);
  }

  void writeFlags(UserMemory memory, int flags) {
    memory.putInt(at + FLAGS, flags);
  }

  void writeControlLength(UserMemory memory, long length) {
    memory.putLong(at + CONTROL_LENGTH, length);
  }
}
