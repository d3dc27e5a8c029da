package io.loomvisor.vfs.host;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.FileMode;
import io.loomvisor.gofer.abi.FileStat;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.StreamCalls;
import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.dev.Devices;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One host descriptor, private to the sentry, and what several descriptions over it share. It is
 * closed when the last description has gone.
 */
final class HostFile {
  /** What kind of object it is, as far as transfers differ. */
  enum Kind {
    /** Has an offset and never waits. */
    REGULAR,
    /** Pipe, socket, terminal or another device: may have to wait. */
    STREAM,
    /** /dev/null and its like of memory devices: always ready. */
    DEVICE,
    DIRECTORY
  }

  private static final Set<Long> ALWAYS_READY =
      Set.of(Devices.NULL, Devices.ZERO, Devices.FULL, Devices.RANDOM, Devices.URANDOM);

  /** Bit of {@link #watched} beside the poll events: watched for errors and hang-up only. */
  private static final int WATCHED = 1 << 16;

  /**
   * Set in major 0's minor numbers so that host devices are never mistaken for devices of the
   * sandbox.
   */
  private static final long FOREIGN_MINOR = 1L << 31;

  /** Most bytes between host and application in one step. */
  static final int BUFFER_SIZE = 128 << 10;

  /**
   * Whether a task is between poll and transfer, for each direction; shared by the descriptors of
   * one host object.
   */
  static final class Turns {
    final AtomicBoolean reading = new AtomicBoolean();
    final AtomicBoolean writing = new AtomicBoolean();
  }

  private final int descriptor;
  private final int hostFlags;
  private final int mode;
  private final String name;
  private final HostWatcher watcher;
  private final Turns turns;
  private final boolean terminal;
  private final Kind kind;
  private final WaitQueue waitQueue = new WaitQueue();
  private final AtomicInteger watched = new AtomicInteger();
  private final AtomicInteger users = new AtomicInteger();
  private final AtomicReference<MemorySegment> spare = new AtomicReference<>();
  private final AtomicReference<byte[]> originalMode = new AtomicReference<>();
  private volatile boolean released;
  private volatile boolean canReadNoWait = true;

  HostFile(int descriptor, String name, HostWatcher watcher, Turns turns) {
    this.descriptor = descriptor;
    this.hostFlags = StreamCalls.flags(descriptor);
    FileStat stat = StreamCalls.stat(descriptor);
    this.mode = stat.mode();
    this.name = name;
    this.watcher = watcher;
    this.turns = turns;
    this.terminal = isTerminal(descriptor);
    this.kind =
        switch (mode & FileMode.S_IFMT) {
          case FileMode.S_IFREG, FileMode.S_IFBLK -> Kind.REGULAR;
          case FileMode.S_IFDIR -> Kind.DIRECTORY;
          case FileMode.S_IFCHR -> ALWAYS_READY.contains(stat.rdev()) ? Kind.DEVICE : Kind.STREAM;
          default -> Kind.STREAM;
        };
  }

  private static boolean isTerminal(int fd) {
    try {
      HostTerminalCalls.attributes(fd);
      return true;
    } catch (LinuxException e) {
      return false;
    }
  }

  int descriptor() {
    return descriptor;
  }

  /** What the host's F_GETFL said at the start. */
  int hostFlags() {
    return hostFlags;
  }

  int mode() {
    return mode;
  }

  String name() {
    return name;
  }

  WaitQueue waitQueue() {
    return waitQueue;
  }

  Kind kind() {
    return kind;
  }

  boolean terminal() {
    return terminal;
  }

  FileStat stat() {
    FileStat s = StreamCalls.stat(descriptor);
    return new FileStat(
        s.dev() | FOREIGN_MINOR,
        s.ino(),
        s.mode(),
        s.nlink(),
        s.uid(),
        s.gid(),
        s.rdev(),
        s.size(),
        s.blockSize(),
        s.blocks(),
        s.atime(),
        s.mtime(),
        s.ctime(),
        s.btime());
  }

  /** One more description; ENXIO if the last one has gone. */
  void retain() {
    if (released) {
      throw Errno.ENXIO.exception();
    }
    users.incrementAndGet();
  }

  void release() {
    if (users.decrementAndGet() == 0) {
      released = true;
      watcher.wake();
    }
  }

  boolean released() {
    return released;
  }

  int watched() {
    return watched.get();
  }

  /** Tells the wait queue, once, when one of {@code events} or an error holds. */
  void watch(int events) {
    int wanted = events & 0xffff | WATCHED;
    if ((watched.getAndUpdate(w -> w | wanted) & wanted) != wanted) {
      watcher.wake();
    }
  }

  /**
   * Called by the watcher: {@code events} hold. What is not asked for again is not watched any
   * more.
   */
  void becameReady(int events) {
    boolean broken =
        (events & (PollEvents.POLLERR | PollEvents.POLLHUP | PollEvents.POLLNVAL)) != 0;
    watched.updateAndGet(w -> broken || (w & ~WATCHED & ~events) == 0 ? 0 : w & ~events);
    int normal =
        ((events & PollEvents.POLLIN) != 0 ? PollEvents.POLLRDNORM : 0)
            | ((events & PollEvents.POLLOUT) != 0 ? PollEvents.POLLWRNORM : 0);
    waitQueue.notifyEvents(events | normal);
  }

  /** Bytes moved by one transfer that has its turn. */
  @FunctionalInterface
  interface Transfer {
    long run(MemorySegment buffer);
  }

  /**
   * Runs {@code transfer} as the only one that reads; EAGAIN if another task does or there is
   * nothing to read.
   */
  long inReadTurn(Transfer transfer) {
    return kind == Kind.DEVICE
        ? withBuffer(transfer)
        : inTurn(turns.reading, PollEvents.POLLIN, transfer);
  }

  /** As {@link #inReadTurn} for writing. */
  long inWriteTurn(Transfer transfer) {
    return kind == Kind.DEVICE
        ? withBuffer(transfer)
        : inTurn(turns.writing, PollEvents.POLLOUT, transfer);
  }

  private long inTurn(AtomicBoolean turn, int event, Transfer transfer) {
    if (!turn.compareAndSet(false, true)) {
      watch(event);
      throw Errno.EAGAIN.exception();
    }
    try {
      if (!ready(event)) {
        watch(event);
        throw Errno.EAGAIN.exception();
      }
      return withBuffer(transfer);
    } finally {
      turn.set(false);
    }
  }

  private long withBuffer(Transfer transfer) {
    MemorySegment buffer = takeBuffer();
    try {
      return transfer.run(buffer);
    } finally {
      giveBuffer(buffer);
    }
  }

  /**
   * A read of a terminal by a background job stops the job, the sentry included, even if there is
   * nothing to read. A host read of no bytes asks for just that; EIO if the job is orphaned.
   */
  void checkForeground() {
    if (terminal) {
      StreamCalls.read(descriptor, MemorySegment.NULL);
    }
  }

  /**
   * Changes a terminal's attributes by {@code request}, and keeps what they were at the first time;
   * ENOTTY.
   */
  void changeMode(int request, byte[] struct) {
    if (!terminal) {
      throw Errno.ENOTTY.exception();
    }
    originalMode.compareAndSet(null, HostTerminalCalls.attributes(descriptor));
    HostTerminalCalls.set(descriptor, request, struct);
  }

  /**
   * Puts a terminal's attributes back if they were changed here, unless that would stop the
   * process.
   */
  void restoreMode() {
    byte[] original = originalMode.get();
    if (original != null && HostTerminalCalls.inForeground(descriptor)) {
      HostTerminalCalls.setAttributes(descriptor, original);
    }
  }

  /**
   * Whether a transfer in the direction of {@code event} would not wait: data, room, end or error.
   */
  boolean ready(int event) {
    return StreamCalls.ready(descriptor, event) != 0;
  }

  /**
   * EAGAIN if another process took the data since the poll; where the host cannot say so, it waits
   * for more.
   */
  int read(MemorySegment target) {
    if (canReadNoWait) {
      try {
        return StreamCalls.readNoWait(descriptor, target);
      } catch (LinuxException e) {
        if (e.errno() != Errno.EOPNOTSUPP) {
          throw e;
        }
        canReadNoWait = false;
      }
    }
    return StreamCalls.read(descriptor, target);
  }

  /**
   * Writes all of {@code source}, which the caller has sized so that it fits. Only if another
   * process fills the host object at the same moment does this wait for its reader.
   */
  void writeAll(MemorySegment source) {
    long done = 0;
    while (done < source.byteSize()) {
      try {
        done += StreamCalls.write(descriptor, source.asSlice(done));
      } catch (LinuxException e) {
        if (e.errno() != Errno.EAGAIN) {
          throw e;
        }
        DescriptorCalls.poll(descriptor, StreamCalls.POLLOUT);
      }
    }
  }

  /** A native buffer of {@link #BUFFER_SIZE}; given back with {@link #giveBuffer}. */
  MemorySegment takeBuffer() {
    MemorySegment b = spare.getAndSet(null);
    return b != null ? b : Arena.ofAuto().allocate(BUFFER_SIZE, 8);
  }

  void giveBuffer(MemorySegment buffer) {
    spare.set(buffer);
  }
}
