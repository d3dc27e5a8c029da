package io.loomvisor.kernel.syscall.file;

import io.loomvisor.task.Task;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import java.lang.foreign.MemorySegment;

/**
 * A task as access(2) sees it: with its real ids, and with its permitted capabilities if the real
 * user is root.
 */
final class RealIdCaller implements Caller {
  private final Task task;
  private final Credentials credentials;

  RealIdCaller(Task task) {
    this.task = task;
    Credentials c = task.credentials();
    long effective = c.uid() == 0 ? c.permitted() : 0;
    credentials =
        c.withUsers(c.uid(), c.euid(), c.suid(), c.uid())
            .withGroupIds(c.gid(), c.egid(), c.sgid(), c.gid())
            .withCapabilities(c.permitted(), effective, c.inheritable(), c.bounding(), c.ambient());
  }

  @Override
  public Credentials credentials() {
    return credentials;
  }

  @Override
  public int threadId() {
    return task.threadId();
  }

  @Override
  public int threadGroupId() {
    return task.threadGroupId();
  }

  @Override
  public int processGroupId() {
    return task.processGroupId();
  }

  @Override
  public int sessionId() {
    return task.sessionId();
  }

  @Override
  public void copyIn(long address, MemorySegment target) {
    task.copyIn(address, target);
  }

  @Override
  public void copyOut(long address, MemorySegment source) {
    task.copyOut(address, source);
  }
}
