package io.loomvisor.vfs.host;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.StreamCalls;
import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.VfsPath;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;

/**
 * A description over a host pipe, socket, terminal or character device. EAGAIN arms the watcher,
 * which notifies the wait queue once; so does every transfer while somebody is registered there,
 * for edge-triggered epoll.
 */
public final class HostStream extends HostDescription {
  /** What a host pipe or socket that polls writable takes without waiting (pipe(7): PIPE_BUF). */
  private static final int SAFE_WRITE = 4096;

  private static final int NATIVE_EVENTS = 0xffff;

  HostStream(HostFile file, VfsPath place, int flags) {
    super(file, place, flags);
  }

  @Override
  public long read(IoTarget target) {
    if (target.remaining() == 0) {
      return 0;
    }
    file.checkForeground();
    long n = file.inReadTurn(buffer -> transferIn(buffer, target));
    if (!file.waitQueue().isEmpty()) {
      file.watch(PollEvents.POLLIN);
    }
    return n;
  }

  /** A device, which is always ready, fills the whole target; a stream gives what it has. */
  private long transferIn(MemorySegment buffer, IoTarget target) {
    boolean device = file.kind() == HostFile.Kind.DEVICE;
    long total = 0;
    do {
      int room = (int) target.prepare(Math.min(target.remaining(), buffer.byteSize()));
      int n = readSome(buffer.asSlice(0, room), total);
      if (n <= 0) {
        return total;
      }
      total += target.put(buffer, 0, n);
    } while (device && target.remaining() > 0);
    return total;
  }

  private int readSome(MemorySegment buffer, long before) {
    try {
      return file.read(buffer);
    } catch (LinuxException e) {
      if (e.errno() == Errno.EAGAIN) {
        file.watch(PollEvents.POLLIN);
      }
      if (before > 0) {
        return 0;
      }
      throw e;
    }
  }

  @Override
  public long write(IoSource source) {
    if (source.remaining() == 0) {
      return 0;
    }
    long n = file.inWriteTurn(buffer -> transferOut(buffer, source));
    if (source.remaining() > 0 || !file.waitQueue().isEmpty()) {
      file.watch(PollEvents.POLLOUT);
    }
    return n;
  }

  private long transferOut(MemorySegment buffer, IoSource source) {
    int step = file.kind() == HostFile.Kind.DEVICE ? HostFile.BUFFER_SIZE : SAFE_WRITE;
    long total = 0;
    do {
      try {
        long n = source.get(buffer, 0, Math.min(step, source.remaining()));
        file.writeAll(buffer.asSlice(0, n));
        total += n;
      } catch (LinuxException e) {
        if (total > 0) {
          return total;
        }
        throw e;
      }
    } while (source.remaining() > 0 && file.ready(PollEvents.POLLOUT));
    return total;
  }

  @Override
  public int readiness(int mask) {
    int wanted = mask & NATIVE_EVENTS;
    int events = StreamCalls.ready(file.descriptor(), wanted);
    if ((wanted & ~events) != 0) {
      file.watch(wanted & ~events);
    }
    return events & (mask | PollEvents.POLLERR | PollEvents.POLLHUP);
  }

  @Override
  public WaitQueue waitQueue() {
    return file.kind() == HostFile.Kind.DEVICE ? null : file.waitQueue();
  }
}
