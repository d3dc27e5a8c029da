package io.loomvisor.vfs;

import io.loomvisor.gofer.abi.Errno;
import java.lang.foreign.MemorySegment;

/**
 * The kernel itself as a caller: who sets the sandbox up, or opens the lower files of an overlay.
 * No task, so without ids and without memory: EFAULT.
 */
public record KernelCaller(Credentials credentials) implements Caller {
  public static final KernelCaller ROOT = new KernelCaller(Credentials.root());

  @Override
  public int threadId() {
    return 0;
  }

  @Override
  public int threadGroupId() {
    return 0;
  }

  @Override
  public int processGroupId() {
    return 0;
  }

  @Override
  public int sessionId() {
    return 0;
  }

  @Override
  public void copyIn(long address, MemorySegment target) {
    throw Errno.EFAULT.exception();
  }

  @Override
  public void copyOut(long address, MemorySegment source) {
    throw Errno.EFAULT.exception();
  }
}
