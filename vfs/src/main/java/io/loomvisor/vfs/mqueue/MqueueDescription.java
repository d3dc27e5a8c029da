package io.loomvisor.vfs.mqueue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.vfs.FileDescription;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.io.IoTarget;
import io.loomvisor.vfs.synthetic.TextBuffer;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;

/**
 * An open queue: what mq_open(3) gives, or an open(2) of the file. Reading shows the state of the
 * queue, never a message.
 */
public final class MqueueDescription extends FileDescription {
  private static final int SIGEV_SIGNAL = 0;

  private final MqueueInode inode;
  private final AtomicLong position = new AtomicLong();

  MqueueDescription(MqueueInode inode, VfsPath path, int flags) {
    super(path, flags);
    this.inode = inode;
    inode.opened();
  }

  @Override
  public MqueueInode inode() {
    return inode;
  }

  public MessageBox box() {
    return inode.box();
  }

  @Override
  protected void onRelease() {
    inode.released();
  }

  @Override
  public long read(IoTarget target) {
    long n = pread(target, position.get());
    position.addAndGet(n);
    return n;
  }

  /** mqueue_read_file() of ipc/mqueue.c. */
  @Override
  public long pread(IoTarget target, long offset) {
    byte[] text = text();
    if (offset >= text.length) {
      return 0;
    }
    long n = Math.min(target.remaining(), text.length - offset);
    return target.put(MemorySegment.ofArray(text), offset, n);
  }

  private byte[] text() {
    Notification n = box().notification();
    boolean signals = n != null && n.how() == SIGEV_SIGNAL;
    TextBuffer out = new TextBuffer();
    out.add("QSIZE:").left(Long.toString(box().bytes()), 10);
    out.add(" NOTIFY:").left(Integer.toString(n == null ? 0 : n.how()), 5);
    out.add(" SIGNO:").left(Integer.toString(signals ? n.signal() : 0), 5);
    out.add(" NOTIFY_PID:").left(Integer.toString(n == null ? 0 : n.pid()), 6).newline();
    return out.bytes();
  }

  @Override
  public long seek(long offset, int whence) {
    long to =
        switch (whence) {
          case 0 -> offset;
          case 1 -> position.get() + offset;
          case 2 -> inode.stat().size() + offset;
          default -> throw Errno.EINVAL.exception();
        };
    if (to < 0) {
      throw Errno.EINVAL.exception();
    }
    position.set(to);
    return to;
  }

  @Override
  public int readiness(int mask) {
    return box().readiness() & mask;
  }

  @Override
  public WaitQueue waitQueue() {
    return box().pollers();
  }

  /** A descriptor that is closed takes the process's notification away. */
  @Override
  public void flush(Object process) {
    box().unregister(process);
  }
}
