package io.loomvisor.kernel.syscall.socket;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.Task;
import io.loomvisor.vfs.socket.SocketAbi;
import java.util.Arrays;

/** struct sockaddr in application memory (net/socket.c: move_addr_to_kernel, …_to_user). */
final class SocketAddresses {
  private static final int FAMILY_SIZE = 2;

  private SocketAddresses() {}

  /** EINVAL unless it has a family and is no longer than any can be; EFAULT. */
  static byte[] read(Task task, long address, int length) {
    if (length < 0 || length > SocketAbi.ADDRESS_MAX) {
      throw Errno.EINVAL.exception();
    }
    byte[] bytes = task.memory().copyIn(address, length);
    if (length < FAMILY_SIZE) {
      throw Errno.EINVAL.exception();
    }
    return bytes;
  }

  /**
   * Stores as much of {@code name} as there is room for, and its whole length.
   *
   * @param name null for none: length 0
   * @param lengthAddress of an int: the room there is
   */
  static void write(Task task, byte[] name, long address, long lengthAddress) {
    int room = task.memory().getInt(lengthAddress);
    int length = writeWithin(task, name, address, room);
    task.memory().putInt(lengthAddress, length);
  }

  /** As {@link #write}, for who has the room and stores the length. */
  static int writeWithin(Task task, byte[] name, long address, int room) {
    if (room < 0) {
      throw Errno.EINVAL.exception();
    }
    int length = name == null ? 0 : name.length;
    int n = Math.min(room, length);
    if (n > 0) {
      task.memory().copyOut(address, Arrays.copyOf(name, n));
    }
    return length;
  }
}
