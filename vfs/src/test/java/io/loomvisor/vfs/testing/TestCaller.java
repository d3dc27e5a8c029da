package io.loomvisor.vfs.testing;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import java.lang.foreign.MemorySegment;

/** A caller whose memory is a small array at addresses from 0 on. */
public final class TestCaller implements Caller {
  private final Credentials credentials;
  private final int pid;
  public final MemorySegment memory = MemorySegment.ofArray(new byte[4096]);

  public TestCaller(Credentials credentials) {
    this(credentials, 1);
  }

  public TestCaller(Credentials credentials, int pid) {
    this.credentials = credentials;
    this.pid = pid;
  }

  @Override
  public Credentials credentials() {
    return credentials;
  }

  @Override
  public int threadId() {
    return pid;
  }

  @Override
  public int threadGroupId() {
    return pid;
  }

  @Override
  public int processGroupId() {
    return pid;
  }

  @Override
  public int sessionId() {
    return pid;
  }

  @Override
  public void copyIn(long address, MemorySegment target) {
    check(address, target.byteSize());
    MemorySegment.copy(memory, address, target, 0, target.byteSize());
  }

  @Override
  public void copyOut(long address, MemorySegment source) {
    check(address, source.byteSize());
    MemorySegment.copy(source, 0, memory, address, source.byteSize());
  }

  private void check(long address, long length) {
    if (address < 0 || length > memory.byteSize() - address) {
      throw Errno.EFAULT.exception();
    }
  }
}
