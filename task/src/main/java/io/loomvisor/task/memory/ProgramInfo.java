package io.loomvisor.task.memory;

import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.proc.MemoryStatus;

/**
 * What exec put into an address space, for /proc and prctl(2).
 *
 * @param executable the file, after scripts have been resolved
 * @param bounds addresses of code, data, stack, arguments and environment
 * @param auxiliaryVector as on the stack, AT_NULL included
 */
public record ProgramInfo(VfsPath executable, MemoryStatus.Bounds bounds, byte[] auxiliaryVector) {
  static final ProgramInfo NONE =
      new ProgramInfo(null, new MemoryStatus.Bounds(0, 0, 0, 0, 0, 0, 0, 0, 0, 0), new byte[0]);
}
