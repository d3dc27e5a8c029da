package io.loomvisor.vfs.overlay;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import java.lang.foreign.MemorySegment;

/** Who opens lower files for the overlay itself: root, without any memory. */
enum KernelCaller implements Caller {
  INSTANCE;

  private static final Credentials ROOT = Credentials.root();

  @Override
  public Credentials credentials() {
    return ROOT;
  }

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
