package io.loomvisor.kernel.socket.host;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.MessageCalls;
import io.loomvisor.vfs.io.IoSource;
import io.loomvisor.vfs.io.IoTarget;
import io.loomvisor.vfs.socket.Reception;
import io.loomvisor.vfs.socket.Sending;
import io.loomvisor.vfs.socket.SocketAbi;
import java.lang.foreign.MemorySegment;

/**
 * Sends and receives on a descriptor of the host, through native memory: what the application has
 * mapped is its own to change at any time. Any thread.
 */
final class HostMessages {
  private static final int MSG_DONTROUTE = 4;
  private static final int MSG_PROBE = 0x10;
  private static final int MSG_CONFIRM = 0x800;
  private static final int MSG_MORE = 0x8000;

  /**
   * Those that the host is told of. Not MSG_ZEROCOPY: the memory would be the sentry's, which goes
   * on to use it.
   */
  private static final int SENDING =
      SocketAbi.MSG_OOB
          | MSG_DONTROUTE
          | MSG_PROBE
          | SocketAbi.MSG_EOR
          | MSG_CONFIRM
          | MSG_MORE
          | SocketAbi.MSG_FASTOPEN;

  private static final int RECEIVING =
      SocketAbi.MSG_OOB | SocketAbi.MSG_PEEK | SocketAbi.MSG_TRUNC | SocketAbi.MSG_ERRQUEUE;

  private final int descriptor;
  private final boolean stream;
  private final TransferBuffers buffers;

  HostMessages(int descriptor, int type, TransferBuffers buffers) {
    this.descriptor = descriptor;
    this.stream = type == SocketAbi.SOCK_STREAM;
    this.buffers = buffers;
  }

  /**
   * Of a stream as much as there is room for.
   *
   * @param mayWait the socket is a blocking one
   */
  long send(Sending message, boolean mayWait) {
    MemorySegment buffer = buffers.take();
    try {
      return stream ? sendStream(message, buffer, mayWait) : sendMessage(message, buffer);
    } finally {
      buffers.give(buffer);
    }
  }

  private long sendMessage(Sending message, MemorySegment buffer) {
    IoSource data = message.data();
    long length = data.remaining();
    if (length > buffer.byteSize()) {
      throw Errno.EMSGSIZE.exception();
    }
    long got = fill(data, buffer, length);
    if (got < length) {
      data.back(got);
      throw Errno.EFAULT.exception();
    }
    try {
      return MessageCalls.send(
          descriptor,
          buffer,
          length,
          message.address(),
          HostControl.toHost(message.others()),
          message.flags() & SENDING);
    } catch (LinuxException e) {
      data.back(got);
      throw e;
    }
  }

  private static long fill(IoSource data, MemorySegment buffer, long length) {
    return length == 0 ? 0 : data.get(buffer, 0, length);
  }

  private long sendStream(Sending message, MemorySegment buffer, boolean mayWait) {
    IoSource data = message.data();
    byte[] control = HostControl.toHost(message.others());
    int flags = message.flags() & SENDING;
    boolean waits = mayWait && !message.has(SocketAbi.MSG_DONTWAIT);
    long total = 0;
    for (; ; ) {
      long n = fill(data, buffer, Math.min(buffer.byteSize(), data.remaining()));
      boolean last = data.remaining() == 0;
      // Urgent is the last byte of all; what is not the last part has more to come.
      int now = last ? flags : flags & ~SocketAbi.MSG_OOB | MSG_MORE;
      int taken;
      try {
        taken = MessageCalls.send(descriptor, buffer, n, message.address(), control, now);
      } catch (LinuxException e) {
        data.back(n);
        if (total > 0) {
          return total;
        }
        throw waits ? opening(e, flags) : e;
      }
      data.back(n - taken);
      total += taken;
      if (taken < n || last) {
        return total;
      }
    }
  }

  /**
   * MSG_FASTOPEN without a cookie only begins a connection, which the next attempt goes on with.
   */
  private static LinuxException opening(LinuxException e, int flags) {
    boolean begun = e.errno() == Errno.EINPROGRESS || e.errno() == Errno.EALREADY;
    boolean opens = (flags & SocketAbi.MSG_FASTOPEN) != 0;
    return begun && opens ? Errno.EAGAIN.exception() : e;
  }

  void receive(Reception reception) {
    MemorySegment buffer = buffers.take();
    try {
      if (stream && !reception.has(SocketAbi.MSG_ERRQUEUE)) {
        receiveStream(reception, buffer);
      } else {
        receiveMessage(reception, buffer);
      }
    } finally {
      buffers.give(buffer);
    }
  }

  private static int flags(Reception reception) {
    int flags = 0;
    for (int bit = RECEIVING; bit != 0; bit &= bit - 1) {
      int flag = Integer.lowestOneBit(bit);
      flags |= reception.has(flag) ? flag : 0;
    }
    return flags;
  }

  /** The host is asked for the whole length, whatever the caller wants to hear. */
  private void receiveMessage(Reception reception, MemorySegment buffer) {
    IoTarget target = reception.target();
    long room = Math.min(buffer.byteSize(), target.remaining());
    MessageCalls.Received r =
        MessageCalls.receive(descriptor, buffer, room, flags(reception) | SocketAbi.MSG_TRUNC);
    boolean whole = !reception.has(SocketAbi.MSG_ERRQUEUE);
    if (whole && r.length() == 0 && r.address().length == 0) {
      reception.end(); // shut for reading
      return;
    }
    long n = Math.min(room, r.length());
    if (n > 0 && target.put(buffer, 0, n) < n) {
      throw Errno.EFAULT.exception();
    }
    describe(reception, r);
    if (whole) {
      reception.message(n, r.length());
    } else {
      reception.addFlags(r.flags() & SocketAbi.MSG_TRUNC); // of the packet that is quoted
      reception.message(n, n);
    }
  }

  private static void describe(Reception reception, MessageCalls.Received r) {
    if (r.address().length > 0) {
      reception.setAddress(r.address());
    }
    HostControl.fromHost(r.control(), reception.others());
    reception.addFlags(r.flags() & ~SocketAbi.MSG_TRUNC);
  }

  /** Until there is no more now, or no more room. */
  private void receiveStream(Reception reception, MemorySegment buffer) {
    IoTarget target = reception.target();
    int flags = flags(reception);
    boolean once = reception.has(SocketAbi.MSG_PEEK) || reception.has(SocketAbi.MSG_OOB);
    boolean discards = reception.has(SocketAbi.MSG_TRUNC) && !once;
    long left = target.remaining();
    for (; ; ) {
      long most = Math.min(buffer.byteSize(), left);
      // Bytes taken out of the host's buffer must find their place.
      long room = discards || most == 0 ? most : target.prepare(most);
      MessageCalls.Received r;
      try {
        r = MessageCalls.receive(descriptor, buffer, room, flags);
      } catch (LinuxException e) {
        if (reception.copied() > 0) {
          return;
        }
        throw e;
      }
      describe(reception, r);
      if (r.length() == 0) {
        reception.end();
        return;
      }
      int n = r.length();
      reception.add(discards ? n : target.put(buffer, 0, Math.min(n, room)));
      left -= n;
      if (once || discards) {
        reception.end();
      }
      if (n < room || left <= 0 || once) {
        return;
      }
    }
  }
}
