package io.loomvisor.kernel.process;

import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.FileTime;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.PollEvents;

/** A descriptor that stands for a process (pidfd_open(2)): readable once it has ended. */
public final class PidFd extends FileDescription {
  private final ThreadGroup group;
  private final ProcessTree processes;

  public PidFd(ThreadGroup group, ProcessTree processes, int flags) {
    super(null, OpenFlags.O_RDWR | flags);
    this.group = group;
    this.processes = processes;
  }

  public ThreadGroup group() {
    return group;
  }

  @Override
  public String displayName() {
    return "anon_inode:[pidfd]";
  }

  @Override
  public FileStat stat() {
    FileTime t = FileTime.EPOCH;
    return new FileStat(0, 1, FileMode.S_IFREG | 0600, 1, 0, 0, 0, 0, 4096, 0, t, t, t, t);
  }

  @Override
  public int readiness(int mask) {
    return ended() ? (PollEvents.POLLIN | PollEvents.POLLRDNORM) & mask : 0;
  }

  private boolean ended() {
    return processes.group(group.id()) != group || processes.isZombie(group);
  }

  @Override
  public WaitQueue waitQueue() {
    return group.exitEvents();
  }
}
