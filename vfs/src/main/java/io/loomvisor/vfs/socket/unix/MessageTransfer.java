package io.loomvisor.vfs.socket.unix;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.socket.Reception;
import io.loomvisor.vfs.socket.Rights;
import io.loomvisor.vfs.socket.Sending;
import io.loomvisor.vfs.socket.SocketAbi;
import java.lang.foreign.MemorySegment;

/** What SOCK_DGRAM and SOCK_SEQPACKET do alike: messages that are whole. */
final class MessageTransfer {
  /** net.unix.max_dgram_qlen: one message more than this may wait from senders not connected. */
  static final int MAX_QUEUED = 10;

  private MessageTransfer() {}

  /** The checks before anything is sent (unix_dgram_sendmsg, sock_alloc_send_pskb). */
  static void checkRoom(UnixSocket from, Sending message) {
    if (message.data().remaining() > from.sendBuffer().longestMessage()) {
      throw Errno.EMSGSIZE.exception();
    }
    from.throwError();
    if ((from.queue().shutdown() & ReceiveQueue.SEND_SHUTDOWN) != 0) {
      throw Errno.EPIPE.exception();
    }
    if (from.sendBuffer().full()) {
      throw Errno.EAGAIN.exception();
    }
  }

  /**
   * Queues the whole message. EAGAIN if the receiver has too many; others for the caller to judge.
   *
   * @param limited whether the receiver's limit holds for this sender
   */
  static ReceiveQueue.Offer deliver(
      UnixSocket from, UnixSocket to, WalkContext context, Sending message, boolean limited) {
    int length = (int) message.data().remaining();
    int cost = SendBuffer.messageCost(length);
    from.sendBuffer().charge(cost);
    boolean queued = false;
    try {
      byte[] bytes = message.read(length);
      Segment segment =
          new Segment(
              bytes, from, from.credentialsFor(context, message, to), message.rights(), cost);
      ReceiveQueue.Offer offer = queue(message, segment, to, limited);
      queued = offer == ReceiveQueue.Offer.TAKEN;
      return offer;
    } finally {
      if (queued) {
        to.waitQueue().notifyEvents(UnixSocket.READABLE);
      } else {
        from.uncharge(cost);
      }
    }
  }

  private static ReceiveQueue.Offer queue(
      Sending message, Segment segment, UnixSocket to, boolean limited) {
    UnixSocket from = segment.sender;
    ReceiveQueue.Offer offer = null;
    boolean flying = false;
    try {
      from.enterFlight(segment.rights);
      flying = true;
      if (limited) {
        from.waitFor(to);
      }
      offer = to.queue().append(segment, limited ? MAX_QUEUED : Integer.MAX_VALUE);
      return offer;
    } finally {
      if (offer != ReceiveQueue.Offer.TAKEN) {
        message.data().back(segment.length());
        if (flying) {
          from.cancelFlight(segment.rights);
        }
      }
    }
  }

  /** False if there is no message. */
  static boolean receive(UnixSocket socket, Reception reception) {
    socket.throwError();
    boolean peek = reception.has(SocketAbi.MSG_PEEK);
    Segment s;
    int skip = 0;
    if (peek) {
      ReceiveQueue.Peeked found = socket.queue().peekMessage(socket.peekOffset());
      s = found == null ? null : found.segment();
      skip = found == null ? 0 : found.skip();
    } else {
      s = socket.queue().takeMessage();
    }
    if (s == null) {
      return false;
    }
    if (!peek) {
      socket.leaveFlight(s.rights);
      socket.tellRoom();
    }
    reception.setRights(s.rights);
    try {
      copy(socket, s, reception, skip, peek);
    } catch (LinuxException e) {
      // The message is gone, as on Linux.
      reception.setRights(Rights.NONE);
      s.rights.release();
      throw e;
    } finally {
      if (!peek) {
        s.sender.uncharge(s.charge);
      }
    }
    return true;
  }

  private static void copy(
      UnixSocket socket, Segment s, Reception reception, int skip, boolean peek) {
    int full = s.length() - skip;
    int wanted = (int) Math.min(full, reception.target().remaining());
    long n =
        wanted == 0
            ? 0
            : reception.target().put(MemorySegment.ofArray(s.bytes), s.from + skip, wanted);
    if (n < wanted) {
      throw Errno.EFAULT.exception();
    }
    if (socket.passesCredentials()) {
      reception.setCredentials(s.credentials);
    }
    reception.setAddress(UnixSocket.sourceName(s.sender));
    reception.message(n, full);
    socket.movePeekOffset(peek ? (int) n : -full);
  }
}
