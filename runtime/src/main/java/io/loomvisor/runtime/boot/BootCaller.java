package io.loomvisor.runtime.boot;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import java.lang.foreign.MemorySegment;

/** Who sets the sandbox up: no task, so without memory. */
record BootCaller(Credentials credentials) implements Caller {
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
