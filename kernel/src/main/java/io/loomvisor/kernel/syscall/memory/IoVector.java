package io.loomvisor.kernel.syscall.memory;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.Task;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * An iovec array that names memory of another process: copied in and checked, but not against this
 * address space.
 */
record IoVector(List<Part> parts) {
  /** UIO_MAXIOV. */
  static final int MAX = 1024;

  private static final int SIZE = 16;

  /** Addresses are as the application gives them: whoever uses them checks them. */
  record Part(long address, long length) {}

  /** EINVAL for a bad count or a negative length, EFAULT. */
  static IoVector copyIn(Task task, long address, long count) {
    if (count < 0 || count > MAX) {
      throw Errno.EINVAL.exception();
    }
    ByteBuffer raw =
        ByteBuffer.wrap(task.memory().copyIn(address, (int) count * SIZE))
            .order(ByteOrder.LITTLE_ENDIAN);
    List<Part> parts = new ArrayList<>();
    while (raw.hasRemaining()) {
      Part part = new Part(raw.getLong(), raw.getLong());
      if (part.length < 0) {
        throw Errno.EINVAL.exception();
      }
      parts.add(part);
    }
    return new IoVector(parts);
  }

  boolean isEmpty() {
    return parts.stream().allMatch(p -> p.length == 0);
  }
}
