package io.loomvisor.vfs.socket.unix;

import io.loomvisor.vfs.socket.SocketAbi;
import io.loomvisor.vfs.socket.SocketOptions;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a socket has sent and nobody has read yet, in bytes as Linux counts them: with the overhead
 * of struct sk_buff, its shared info, and memory in powers of two and pages. One counter; any
 * thread.
 */
final class SendBuffer {
  private static final int SK_BUFF = 256;
  private static final int SHARED_INFO = 320;
  private static final int PAGE = 4096;
  private static final int SMALLEST_HEAD = 512;

  /** SKB_MAX_HEAD(0): what fits in a page with the shared info. */
  private static final int PAGE_HEAD = PAGE - SHARED_INFO;

  /** SKB_MAX_ALLOC: four pages. */
  private static final int MAX_HEAD = 4 * PAGE - SHARED_INFO;

  private static final int MAX_PAGES_LENGTH = 17 * PAGE;

  /** A stream is cut into pieces of at most one head and this much in pages. */
  private static final int STREAM_PAGES = 32768;

  /** Of a message, this much of the buffer is not for data. */
  private static final int MESSAGE_RESERVE = 32;

  private static final int STREAM_RESERVE = 64;

  private final SocketOptions options;
  private final QueuedMemory all;
  private final AtomicInteger queued = new AtomicInteger();

  SendBuffer(SocketOptions options, QueuedMemory all) {
    this.options = options;
    this.all = all;
  }

  int queued() {
    return queued.get();
  }

  private int limit() {
    return options.number(SocketAbi.SO_SNDBUF);
  }

  /** Nothing more goes in now. */
  boolean full() {
    return queued.get() >= limit();
  }

  /** Whether poll reports room: three quarters are free (unix_writable). */
  boolean writable() {
    return (long) queued.get() << 2 <= limit();
  }

  /** Before the data is copied; ENOBUFS if all sockets together have too much. */
  void charge(int amount) {
    all.take(amount);
    queued.addAndGet(amount);
  }

  /** True if there is now room to tell of. */
  boolean uncharge(int amount) {
    all.give(amount);
    queued.addAndGet(-amount);
    return writable();
  }

  /** The longest message. */
  int longestMessage() {
    return limit() - MESSAGE_RESERVE;
  }

  /** The longest piece of a stream. */
  int longestPiece() {
    return Math.min((limit() >> 1) - STREAM_RESERVE, PAGE_HEAD + STREAM_PAGES);
  }

  /** The cost of a piece of a stream. */
  static int pieceCost(int length) {
    return cost(length, Math.max(0, length - PAGE_HEAD));
  }

  /** The cost of a message. */
  static int messageCost(int length) {
    return cost(length, Math.min(Math.max(0, length - MAX_HEAD), MAX_PAGES_LENGTH));
  }

  /** Of {@code length} bytes about {@code inPages} lie in whole pages, the rest in the head. */
  private static int cost(int length, int inPages) {
    int pages = (inPages + PAGE - 1) / PAGE * PAGE;
    int head = length - Math.min(pages, length) + SHARED_INFO;
    int allocated = SMALLEST_HEAD;
    while (allocated < head) {
      allocated <<= 1;
    }
    return SK_BUFF + allocated + pages;
  }
}
