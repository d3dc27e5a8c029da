package io.loomvisor.gofer.server;

import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.EdgePoll;
import io.loomvisor.gofer.wire.EventBatch;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Tells the sentry what happens on the sockets that it has: each edge once, in messages of several.
 * A thread of its own, which ends with the connection.
 */
final class SocketEvents {
  private final int told;
  private final EdgePoll poll;
  private final EventBatch batch;
  private final MemorySegment out;

  SocketEvents(int told, Arena arena) {
    this.told = told;
    this.poll = new EdgePoll(arena);
    this.out = arena.allocate(EventBatch.SIZE, 8);
    this.batch = new EventBatch(out);
  }

  void start() {
    Thread.ofPlatform().daemon().name("socket-events").start(this::run);
  }

  void add(int fd, int handle) {
    poll.add(fd, handle);
  }

  void remove(int fd) {
    poll.remove(fd);
  }

  private void run() {
    try {
      for (; ; ) {
        batch.clear();
        poll.await(this::collect);
        flush();
      }
    } catch (LinuxException e) {
      // The sentry has ended, and so will this process; or nobody will ever be woken again.
      DescriptorCalls.shutdown(told);
    }
  }

  private void collect(int handle, int events) {
    if (batch.full()) {
      flush();
    }
    batch.add(handle, events);
  }

  private void flush() {
    if (batch.length() > 0) {
      DescriptorCalls.send(told, out, batch.length(), -1);
      batch.clear();
    }
  }
}
