package io.loomvisor.vfs.pipe;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.OpenFlags;
import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.Inode;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * One end of a pipe, or both (a FIFO opened with O_RDWR). Its size can be set by
 * fcntl(F_SETPIPE_SZ).
 */
public final class PipeDescription extends FileDescription {
  private static final int FIONREAD = 0x541B;

  private final Pipe pipe;
  private final Inode inode;
  private final VfsPath place;

  /** Writers and readers that there had been before this open; -1: do not wait for more. */
  private final int writersBefore;

  private final int writersAwaited;
  private final int readersAwaited;

  /**
   * @param path where the FIFO is; null for pipes without a name
   * @param place where /proc/PID/fd/N leads
   * @param blocking the open waits for the other side
   */
  PipeDescription(
      Pipe pipe, Inode inode, VfsPath path, VfsPath place, int flags, boolean blocking) {
    super(path, flags);
    this.pipe = pipe;
    this.inode = inode;
    this.place = place;
    boolean read = OpenFlags.readable(flags);
    boolean write = OpenFlags.writable(flags);
    Pipe.Others others = pipe.open(read, write);
    writersBefore = read && others.writers() == 0 ? others.writersEver() : -1;
    writersAwaited = blocking && !write ? writersBefore : -1;
    readersAwaited =
        blocking && write && !read && others.readers() == 0 ? others.readersEver() : -1;
  }

  @Override
  protected void onRelease() {
    pipe.close(readable(), writable());
  }

  @Override
  public boolean openPending() {
    return writersAwaited >= 0 && pipe.writersEver() == writersAwaited
        || readersAwaited >= 0 && pipe.readersEver() == readersAwaited;
  }

  @Override
  public String displayName() {
    return "pipe:[" + inode.stat().ino() + "]";
  }

  @Override
  public Inode inode() {
    return inode;
  }

  @Override
  public VfsPath place() {
    return place;
  }

  @Override
  public long read(IoTarget target) {
    return pipe.read(target);
  }

  @Override
  public long write(IoSource source) {
    return pipe.write(source, (statusFlags() & OpenFlags.O_DIRECT) != 0);
  }

  @Override
  public int readiness(int mask) {
    return pipe.readiness(readable(), writable(), writersBefore)
        & (mask | PollEvents.POLLERR | PollEvents.POLLHUP);
  }

  @Override
  public WaitQueue waitQueue() {
    return pipe.waitQueue();
  }

  @Override
  public long ioctl(Caller caller, int request, long argument) {
    if (request != FIONREAD) {
      throw Errno.ENOTTY.exception();
    }
    MemorySegment value = MemorySegment.ofArray(new byte[Integer.BYTES]);
    value.set(ValueLayout.JAVA_INT_UNALIGNED, 0, pipe.count());
    caller.copyOut(argument, value);
    return 0;
  }

  /** Whether both are ends of one pipe. */
  public boolean samePipe(PipeDescription other) {
    return pipe == other.pipe;
  }

  /**
   * Takes up to {@code max} bytes out, at least one; empty at the end (no bytes, no writers),
   * EAGAIN if it would wait.
   */
  public byte[] takeOut(int max) {
    return pipe.takeOut(max);
  }

  /** A copy of up to {@code max} bytes that stay; as {@link #takeOut}. */
  public byte[] copyOut(int max) {
    return pipe.copyOut(max);
  }

  /**
   * Puts what {@link #takeOut} gave, from {@code from} on, back at the front: it could not be
   * passed on.
   */
  public void putBack(byte[] bytes, int from) {
    pipe.putBack(bytes, from);
  }

  /** Bytes that fit in now, at least one; EPIPE without readers, EAGAIN if the pipe is full. */
  public int room() {
    return pipe.room();
  }

  /**
   * Queues the first {@code length} bytes of an array that becomes the pipe's, whatever {@link
   * #room} says; EPIPE.
   */
  public void putIn(byte[] bytes, int length) {
    pipe.putIn(bytes, length);
  }

  /** fcntl(F_GETPIPE_SZ). */
  public int capacity() {
    return pipe.capacity();
  }

  /**
   * fcntl(F_SETPIPE_SZ); returns the size set. EPERM above 1 MiB without CAP_SYS_RESOURCE, EBUSY.
   */
  public int setCapacity(long bytes, Credentials who) {
    return pipe.resize(bytes, who.has(Credentials.CAP_SYS_RESOURCE));
  }
}
