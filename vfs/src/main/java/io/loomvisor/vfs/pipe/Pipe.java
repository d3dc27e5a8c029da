package io.loomvisor.vfs.pipe;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import io.loomvisor.scheduler.wait.WaitQueue;
import io.loomvisor.vfs.PollEvents;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import java.lang.foreign.MemorySegment;

/**
 * The bytes between the writers and the readers of one pipe. Application memory is copied with the
 * actor not held: a write brings its bytes into an array first, which then becomes part of the
 * queue as it is; a read takes arrays out first.
 */
final class Pipe extends Actor {
  /** Writes of at most this many bytes are not mixed with others (pipe(7)). */
  static final int PIPE_BUF = 4096;

  static final int DEFAULT_CAPACITY = 16 * 4096;

  /** Linux: /proc/sys/fs/pipe-max-size. */
  static final int MAX_CAPACITY = 1 << 20;

  private static final int READABLE = PollEvents.POLLIN | PollEvents.POLLRDNORM;
  private static final int WRITABLE = PollEvents.POLLOUT | PollEvents.POLLWRNORM;

  private final WaitQueue waitQueue = new WaitQueue();
  private Chunk head;
  private Chunk tail;

  /** Written in the actor; read outside to fail early and for poll. */
  private volatile int count;

  private volatile int capacity = DEFAULT_CAPACITY;
  private volatile int readers;
  private volatile int writers;

  /**
   * How many readers and writers there have ever been: a FIFO's open waits for a change (fifo_open
   * of fs/pipe.c).
   */
  private volatile int readersEver;

  private volatile int writersEver;

  Pipe() {
    super(Rank.INODE);
  }

  WaitQueue waitQueue() {
    return waitQueue;
  }

  int count() {
    return count;
  }

  int capacity() {
    return capacity;
  }

  int readers() {
    return readers;
  }

  int readersEver() {
    return readersEver;
  }

  int writersEver() {
    return writersEver;
  }

  /** Who else was there at the moment of an open; of two opens one comes first. */
  record Others(int readers, int readersEver, int writers, int writersEver) {}

  Others open(boolean read, boolean write) {
    Others others =
        ask(
            () -> {
              Others before = new Others(readers, readersEver, writers, writersEver);
              if (read) {
                readers++;
                readersEver++;
              }
              if (write) {
                writers++;
                writersEver++;
              }
              return before;
            });
    waitQueue.notifyEvents((read ? WRITABLE : 0) | (write ? READABLE : 0));
    return others;
  }

  void close(boolean read, boolean write) {
    int events =
        ask(
            () -> {
              int e = 0;
              if (read && --readers == 0) {
                e |= WRITABLE | PollEvents.POLLERR;
              }
              if (write && --writers == 0) {
                e |= READABLE | PollEvents.POLLHUP;
              }
              if (readers == 0 && writers == 0) {
                head = null;
                tail = null;
                count = 0;
              }
              return e;
            });
    if (events != 0) {
      waitQueue.notifyEvents(events);
    }
  }

  /** 0 when empty with no writers; EAGAIN when empty with some. */
  long read(IoTarget target) {
    long room = target.remaining();
    if (room == 0) {
      return 0;
    }
    for (; ; ) {
      int there = count;
      if (there == 0) {
        // The writer may have written between our two looks, before it closed.
        if (writers == 0 && count == 0) {
          return 0;
        }
        if (count == 0) {
          throw Errno.EAGAIN.exception();
        }
        continue;
      }
      int ready = (int) target.prepare(Math.min(room, there));
      Chunk taken = take(ready);
      if (taken != null) {
        return deliver(taken, ready, target);
      }
    }
  }

  private static long deliver(Chunk first, int ready, IoTarget target) {
    long done = 0;
    for (Chunk c = first; c != null; c = c.next) {
      int n = Math.min(c.length(), ready);
      long copied = target.put(MemorySegment.ofArray(c.bytes), c.from, n);
      done += copied;
      if (copied < n) {
        break;
      }
    }
    return done;
  }

  /**
   * Takes up to {@code max} bytes out, or the first packet whatever its length; null if there is
   * nothing.
   */
  private Chunk take(int max) {
    boolean[] wake = new boolean[1];
    Chunk taken =
        ask(
            () -> {
              if (head == null) {
                return null;
              }
              boolean wasFull = capacity - count < PIPE_BUF;
              Chunk first = head.packet ? takePacket() : takeBytes(max);
              wake[0] = wasFull && capacity - count >= PIPE_BUF;
              return first;
            });
    if (wake[0]) {
      waitQueue.notifyEvents(WRITABLE);
    }
    return taken;
  }

  private Chunk takePacket() {
    Chunk first = head;
    head = first.next;
    if (head == null) {
      tail = null;
    }
    first.next = null;
    count -= first.length();
    return first;
  }

  private Chunk takeBytes(int max) {
    int left = max;
    Chunk first = null;
    Chunk last = null;
    while (left > 0 && head != null && !head.packet) {
      Chunk c = head;
      if (c.length() <= left) {
        head = c.next;
        c.next = null;
      } else {
        Chunk part = new Chunk(c.bytes, c.from, c.from + left, false);
        c.from += left;
        c = part;
      }
      left -= c.length();
      if (first == null) {
        first = c;
      } else {
        last.next = c;
      }
      last = c;
    }
    if (head == null) {
      tail = null;
    }
    count -= max - left;
    return first;
  }

  /**
   * EPIPE without readers; EAGAIN if a write of up to PIPE_BUF bytes does not fit as a whole, or
   * nothing of a longer one. Writers that race may overfill the pipe by PIPE_BUF each.
   */
  long write(IoSource source, boolean packets) {
    long wanted = source.remaining();
    if (wanted == 0) {
      return 0;
    }
    if (packets) {
      return writePackets(source);
    }
    checkReaders();
    if (wanted <= PIPE_BUF) {
      checkRoom((int) wanted);
      byte[] bytes = new byte[(int) wanted];
      int n = (int) source.get(MemorySegment.ofArray(bytes), 0, bytes.length);
      append(bytes, n, 0, false);
      return n;
    }
    return writeLong(source);
  }

  private long writeLong(IoSource source) {
    int reserved =
        ask(
            () -> {
              int n = (int) Math.min(source.remaining(), capacity - count);
              if (n > 0) {
                count += n;
              }
              return n;
            });
    if (reserved <= 0) {
      throw Errno.EAGAIN.exception();
    }
    byte[] bytes = new byte[reserved];
    int n = 0;
    try {
      n = (int) source.get(MemorySegment.ofArray(bytes), 0, reserved);
    } finally {
      append(bytes, n, reserved, false);
    }
    return n;
  }

  private long writePackets(IoSource source) {
    long done = 0;
    while (source.remaining() > 0) {
      checkReaders();
      int n = (int) Math.min(PIPE_BUF, source.remaining());
      if (capacity - count < n) {
        break;
      }
      byte[] bytes = new byte[n];
      int m = (int) source.get(MemorySegment.ofArray(bytes), 0, n);
      append(bytes, m, 0, true);
      done += m;
      if (m < n) {
        break;
      }
    }
    if (done == 0) {
      throw Errno.EAGAIN.exception();
    }
    return done;
  }

  private void checkReaders() {
    if (readers == 0) {
      throw Errno.EPIPE.exception();
    }
  }

  private void checkRoom(int wanted) {
    if (capacity - count < wanted) {
      throw Errno.EAGAIN.exception();
    }
  }

  /**
   * Queues the first {@code length} bytes of an array that nobody else uses, for which {@code
   * reserved} were counted.
   */
  private void append(byte[] bytes, int length, int reserved, boolean packet) {
    ask(
        () -> {
          if (readers == 0) {
            count -= reserved;
            throw Errno.EPIPE.exception();
          }
          count += length - reserved;
          if (length > 0) {
            enqueue(bytes, length, packet);
          }
        });
    if (length > 0) {
      waitQueue.notifyEvents(READABLE);
    }
  }

  /** Short writes that find others waiting share arrays of PIPE_BUF bytes. */
  private void enqueue(byte[] bytes, int length, boolean packet) {
    Chunk t = tail;
    if (t != null && !packet && length < PIPE_BUF) {
      if (!t.packet && t.bytes.length - t.to >= length) {
        System.arraycopy(bytes, 0, t.bytes, t.to, length);
        t.to += length;
        return;
      }
      byte[] shared = new byte[PIPE_BUF];
      System.arraycopy(bytes, 0, shared, 0, length);
      link(new Chunk(shared, 0, length, false));
      return;
    }
    link(new Chunk(bytes, 0, length, packet));
  }

  private void link(Chunk c) {
    if (tail == null) {
      head = c;
    } else {
      tail.next = c;
    }
    tail = c;
  }

  /**
   * Takes up to {@code max} bytes out for splice(2); empty if there are neither bytes nor writers,
   * EAGAIN if only bytes.
   */
  byte[] takeOut(int max) {
    for (; ; ) {
      Chunk taken = count == 0 ? null : take(max);
      if (taken != null) {
        return flat(taken, Integer.MAX_VALUE);
      }
      if (writers == 0 && count == 0) {
        return new byte[0];
      }
      if (count == 0) {
        throw Errno.EAGAIN.exception();
      }
    }
  }

  /** As {@link #takeOut}, but the bytes stay: tee(2). */
  byte[] copyOut(int max) {
    byte[] bytes = ask(() -> flat(head, max));
    if (bytes.length == 0 && writers > 0) {
      throw Errno.EAGAIN.exception();
    }
    return bytes;
  }

  private static byte[] flat(Chunk first, int max) {
    long all = 0;
    for (Chunk c = first; c != null; c = c.next) {
      all += c.length();
    }
    byte[] bytes = new byte[(int) Math.min(all, max)];
    int at = 0;
    for (Chunk c = first; c != null && at < bytes.length; c = c.next) {
      int n = Math.min(c.length(), bytes.length - at);
      System.arraycopy(c.bytes, c.from, bytes, at, n);
      at += n;
    }
    return bytes;
  }

  /** Puts bytes that {@link #takeOut} gave, from {@code from} on, back at the front. */
  void putBack(byte[] bytes, int from) {
    if (from == bytes.length) {
      return;
    }
    ask(
        () -> {
          Chunk c = new Chunk(bytes, from, bytes.length, false);
          c.next = head;
          head = c;
          if (tail == null) {
            tail = c;
          }
          count += c.length();
        });
    waitQueue.notifyEvents(READABLE);
  }

  /** Bytes there is room for; EPIPE without readers, EAGAIN if there is none. */
  int room() {
    checkReaders();
    int room = capacity - count;
    if (room <= 0) {
      throw Errno.EAGAIN.exception();
    }
    return room;
  }

  /** Queues the bytes, of which nobody else has the array, whatever room there is; EPIPE. */
  void putIn(byte[] bytes, int length) {
    append(bytes, length, 0, false);
  }

  /**
   * fcntl(F_SETPIPE_SZ): rounded up to a power of two of pages; EBUSY if more bytes than that are
   * waiting.
   */
  int resize(long wanted, boolean mayExceed) {
    if (wanted > Integer.MAX_VALUE / 2) {
      throw Errno.EINVAL.exception();
    }
    int pages = Math.max(1, Math.toIntExact((wanted + PIPE_BUF - 1) / PIPE_BUF));
    int size = Integer.highestOneBit(pages) == pages ? pages : Integer.highestOneBit(pages) << 1;
    int bytes = size * PIPE_BUF;
    if (bytes > MAX_CAPACITY && bytes > capacity && !mayExceed) {
      throw Errno.EPERM.exception();
    }
    ask(
        () -> {
          if (count > bytes) {
            throw Errno.EBUSY.exception();
          }
          capacity = bytes;
        });
    waitQueue.notifyEvents(WRITABLE);
    return bytes;
  }

  /**
   * POLLHUP for a reader needs that a writer has been there since it opened: {@code writersSeen}.
   */
  int readiness(boolean read, boolean write, int writersSeen) {
    int events = 0;
    if (read) {
      if (count > 0) {
        events |= READABLE;
      }
      if (writers == 0 && writersEver != writersSeen) {
        events |= PollEvents.POLLHUP;
      }
    }
    if (write) {
      if (capacity - count >= PIPE_BUF) {
        events |= WRITABLE;
      }
      if (readers == 0) {
        events |= PollEvents.POLLERR;
      }
    }
    return events;
  }
}
