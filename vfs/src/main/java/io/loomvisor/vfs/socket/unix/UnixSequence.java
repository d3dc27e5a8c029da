package io.loomvisor.vfs.socket.unix;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.vfs.Credentials;
import io.loomvisor.vfs.mount.WalkContext;
import io.loomvisor.vfs.socket.Reception;
import io.loomvisor.vfs.socket.Sending;
import io.loomvisor.vfs.socket.SocketAbi;

/** SOCK_SEQPACKET: messages, in order, between two that are connected. */
final class UnixSequence extends UnixConnected {
  UnixSequence(UnixSockets family, Credentials owner, int flags) {
    super(family, SocketAbi.SOCK_SEQPACKET, owner, flags);
  }

  @Override
  UnixConnected another(Credentials owner) {
    return new UnixSequence(family(), owner, 0);
  }

  /** An address is ignored (unix_seqpacket_sendmsg). */
  @Override
  public long send(WalkContext context, Sending message) {
    if (!established()) {
      throw Errno.ENOTCONN.exception();
    }
    checkOutOfBand(message.flags());
    long length = message.data().remaining();
    MessageTransfer.checkRoom(this, message);
    return switch (MessageTransfer.deliver(this, peer(), context, message, false)) {
      case TAKEN -> length;
      case FULL -> throw Errno.EAGAIN.exception();
      case SHUT, CLOSED -> throw Errno.EPIPE.exception();
    };
  }

  @Override
  public void receive(Reception reception) {
    if (!established()) {
      throw Errno.ENOTCONN.exception();
    }
    checkOutOfBand(reception.has(SocketAbi.MSG_OOB) ? SocketAbi.MSG_OOB : 0);
    if (MessageTransfer.receive(this, reception)) {
      return;
    }
    if ((queue().shutdown() & ReceiveQueue.RCV_SHUTDOWN) == 0) {
      throw Errno.EAGAIN.exception();
    }
    // What was sent before the end is there by now.
    if (!MessageTransfer.receive(this, reception)) {
      reception.end();
    }
  }
}
