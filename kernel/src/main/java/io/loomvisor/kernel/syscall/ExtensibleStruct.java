package io.loomvisor.kernel.syscall;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.Task;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Structs that grow from version to version (openat2, sched_setattr): the size that is passed says
 * which one it is.
 */
public final class ExtensibleStruct {
  private static final int PAGE_SIZE = 4096;

  private ExtensibleStruct() {}

  /**
   * Reads {@code size} bytes, of which {@code known} are understood (copy_struct_from_user).
   *
   * @return at least {@code known} bytes, little endian
   * @throws io.loomvisor.gofer.abi.LinuxException EINVAL if it is shorter, E2BIG if what is not
   *     understood is not zero
   */
  public static ByteBuffer read(Task task, long address, long size, int known) {
    if (size >= 0 && size < known) {
      throw Errno.EINVAL.exception();
    }
    if (size < 0 || size > PAGE_SIZE) {
      throw Errno.E2BIG.exception();
    }
    byte[] bytes = task.memory().copyIn(address, (int) size);
    for (int i = known; i < bytes.length; i++) {
      if (bytes[i] != 0) {
        throw Errno.E2BIG.exception();
      }
    }
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
