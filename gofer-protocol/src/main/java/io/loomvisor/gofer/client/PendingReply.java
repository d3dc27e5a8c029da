package io.loomvisor.gofer.client;

import io.loomvisor.gofer.wire.Reply;
import java.util.concurrent.locks.LockSupport;

/**
 * One request that waits for its reply. Written by whoever reads the socket, then published through
 * {@code done}.
 */
final class PendingReply {
  private final Thread owner = Thread.currentThread();
  private Reply reply;
  private int descriptor = -1;

  /** The request is on its way, so that its owner may be chosen to read. */
  volatile boolean sent;

  private volatile boolean done;

  /** null as the reply: the connection is lost. */
  void complete(Reply newReply, int newDescriptor) {
    reply = newReply;
    descriptor = newDescriptor;
    done = true;
    wake();
  }

  void wake() {
    if (owner != Thread.currentThread()) {
      LockSupport.unpark(owner);
    }
  }

  boolean done() {
    return done;
  }

  Reply reply() {
    return reply;
  }

  int descriptor() {
    return descriptor;
  }
}
