package io.loomvisor.vfs.socket.unix;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.io.IoTarget;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.socket.PeerCredentials;
import io.loomvisor.vfs.socket.Reception;
import io.loomvisor.vfs.socket.Rights;
import io.loomvisor.vfs.socket.Sending;
import io.loomvisor.vfs.socket.SocketAbi;
import java.lang.foreign.MemorySegment;

/** SOCK_STREAM: bytes without boundaries, but those that descriptors and credentials draw. */
final class UnixStream extends UnixConnected {
  /** One call takes no more out at once, so that what is taken stays small. */
  private static final int MAX_TAKE = 1 << 20;

  UnixStream(UnixSockets family, Credentials owner, int flags) {
    super(family, SocketAbi.SOCK_STREAM, owner, flags);
  }

  @Override
  UnixConnected another(Credentials owner) {
    return new UnixStream(family(), owner, 0);
  }

  @Override
  public long send(WalkContext context, Sending message) {
    checkOutOfBand(message.flags());
    if (message.address() != null) {
      throw established() ? Errno.EISCONN.exception() : Errno.EOPNOTSUPP.exception();
    }
    if (peer() == null) {
      throw Errno.ENOTCONN.exception();
    }
    UnixSocket other = peerForSending();
    long total = 0;
    Rights rights = message.rights();
    try {
      while (message.data().remaining() > 0) {
        total += sendPiece(context, message, rights, other);
        rights = Rights.NONE;
      }
    } catch (LinuxException e) {
      if (total == 0) {
        throw e;
      }
    }
    return total;
  }

  private long sendPiece(WalkContext context, Sending message, Rights rights, UnixSocket other) {
    if (sendBuffer().full()) {
      throwError();
      throw Errno.EAGAIN.exception();
    }
    if ((other.queue().shutdown() & ReceiveQueue.RCV_SHUTDOWN) != 0) {
      throw Errno.EPIPE.exception();
    }
    PeerCredentials sender = credentialsFor(context, message, other);
    int length = (int) Math.min(message.data().remaining(), sendBuffer().longestPiece());
    int cost = SendBuffer.pieceCost(length);
    sendBuffer().charge(cost);
    boolean queued = false;
    try {
      byte[] bytes = message.read(length);
      queued = queue(message, new Segment(bytes, this, sender, rights, cost), other);
    } finally {
      if (!queued) {
        uncharge(cost);
      }
    }
    other.waitQueue().notifyEvents(READABLE);
    return length;
  }

  /** EPIPE if nobody reads any more, ETOOMANYREFS: then the data is to be sent again. */
  private boolean queue(Sending message, Segment segment, UnixSocket other) {
    boolean taken = false;
    boolean flying = false;
    try {
      enterFlight(segment.rights);
      flying = true;
      taken = other.queue().append(segment, Integer.MAX_VALUE) == ReceiveQueue.Offer.TAKEN;
    } finally {
      if (!taken) {
        message.data().back(segment.length());
        if (flying) {
          cancelFlight(segment.rights);
        }
      }
    }
    if (!taken) {
      throw Errno.EPIPE.exception();
    }
    return true;
  }

  @Override
  public void receive(Reception reception) {
    if (!established()) {
      throw Errno.EINVAL.exception();
    }
    checkOutOfBand(reception.has(SocketAbi.MSG_OOB) ? SocketAbi.MSG_OOB : 0);
    if (reception.has(SocketAbi.MSG_PEEK)) {
      peek(reception);
    } else {
      take(reception);
    }
  }

  private void peek(Reception reception) {
    int max = (int) Math.min(reception.target().remaining(), MAX_TAKE);
    int skip = peekOffset();
    for (; ; ) {
      boolean shut = shutForReading();
      ReceiveQueue.Taken taken = queue().peekBytes(max, skip, passesCredentials());
      if (!taken.chunks().isEmpty()) {
        describe(reception, taken);
        deliver(reception, taken);
        movePeekOffset(taken.length());
        reception.end();
        return;
      }
      if (max == 0 && queue().count() > 0) {
        reception.end();
        return;
      }
      if (nothing(reception, shut)) {
        return;
      }
    }
  }

  private void take(Reception reception) {
    for (; ; ) {
      boolean shut = shutForReading();
      int there = queue().bytes();
      if (there > 0) {
        if (takeSome(reception, there)) {
          return;
        }
      } else if (nothing(reception, shut)) {
        return;
      }
    }
  }

  /** False if another reader was quicker. */
  private boolean takeSome(Reception reception, int there) {
    IoTarget target = reception.target();
    int max = (int) target.prepare(Math.min(target.remaining(), Math.min(there, MAX_TAKE)));
    ReceiveQueue.Taken taken = queue().takeBytes(max, passesCredentials(), before(reception));
    if (taken.chunks().isEmpty()) {
      if (max == 0 || reception.copied() > 0) {
        // No room, or what is there has other credentials.
        reception.end();
        return true;
      }
      return false;
    }
    leaveFlight(taken.rights());
    describe(reception, taken);
    int delivered = deliver(reception, taken);
    if (delivered < taken.length()) {
      putBack(taken, delivered);
    }
    movePeekOffset(-delivered);
    for (Segment s : taken.used()) {
      s.sender.uncharge(s.charge);
    }
    return true;
  }

  /** A segment that stands for what the same call has received already; null if that is nothing. */
  private Segment before(Reception reception) {
    return reception.credentials() == null || reception.copied() == 0
        ? null
        : new Segment(new byte[0], this, reception.credentials(), Rights.NONE, 0);
  }

  /**
   * Nothing was found: that is an error, the end, or EAGAIN. False if there may be something by
   * now: whoever shuts or closes has sent before, so an end counts if it was seen before the queue
   * was looked at.
   *
   * @param shut whether the end was seen before
   */
  private boolean nothing(Reception reception, boolean shut) {
    throwError();
    if (shut) {
      reception.end();
      return true;
    }
    if (shutForReading()) {
      return false;
    }
    throw Errno.EAGAIN.exception();
  }

  private boolean shutForReading() {
    return (queue().shutdown() & ReceiveQueue.RCV_SHUTDOWN) != 0;
  }

  private void describe(Reception reception, ReceiveQueue.Taken taken) {
    if (passesCredentials()) {
      reception.setCredentials(taken.last().credentials);
    }
    reception.setAddress(sourceName(taken.last().sender));
    if (!taken.rights().isEmpty()) {
      reception.setRights(taken.rights());
      reception.end();
    }
  }

  /** Bytes that have arrived in the target. */
  private static int deliver(Reception reception, ReceiveQueue.Taken taken) {
    int done = 0;
    for (ReceiveQueue.Chunk c : taken.chunks()) {
      long n;
      try {
        n =
            c.length() == 0
                ? 0
                : reception.target().put(MemorySegment.ofArray(c.bytes()), c.from(), c.length());
      } catch (LinuxException e) {
        if (done == 0) {
          throw e;
        }
        break;
      }
      done += (int) n;
      if (n < c.length()) {
        break;
      }
    }
    reception.add(done);
    return done;
  }

  /** The memory went away under the read: the bytes are to be read another time. */
  private void putBack(ReceiveQueue.Taken taken, int delivered) {
    byte[] rest = new byte[taken.length() - delivered];
    int at = 0;
    int skip = delivered;
    for (ReceiveQueue.Chunk c : taken.chunks()) {
      int passed = Math.min(skip, c.length());
      skip -= passed;
      int n = c.length() - passed;
      System.arraycopy(c.bytes(), c.from() + passed, rest, at, n);
      at += n;
    }
    Segment last = taken.last();
    queue().putBack(new Segment(rest, last.sender, last.credentials, Rights.NONE, 0));
  }
}
