package io.loomvisor.gofer.server;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.HostSocketOptions;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.SocketCalls;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.Request;
import io.loomvisor.gofer.wire.SocketRequest;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/**
 * Makes sockets of this process's network for a sentry, and does on them what that cannot do
 * itself. The sentry may have been taken over: it gets AF_INET and AF_INET6 and nothing else, a
 * bounded number, and the options of {@link HostSocketOptions}; what it may bind and send is what
 * this process may. Server's thread.
 */
public final class SocketGofer implements RequestHandler {
  /** Open at the same time. */
  static final int MOST = 16_384;

  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_RAW = 3;
  private static final int IPPROTO_ICMP = 1;
  private static final int IPPROTO_TCP = 6;
  private static final int IPPROTO_UDP = 17;
  private static final int IPPROTO_ICMPV6 = 58;
  private static final int SO_LINGER = 13;
  private static final int LINGER_SIZE = 8;
  private static final int SIOCATMARK = 0x8905;
  private static final int SIOCOUTQ = 0x5411;
  private static final int SIOCOUTQNSD = 0x894B;

  private final SocketEvents events;
  private final Map<Integer, Integer> descriptors = new HashMap<>();
  private int lastHandle;
  private int donated = -1;

  private SocketGofer(SocketEvents events) {
    this.events = events;
  }

  /**
   * Serves the sentry on {@code requests}, one end of an AF_UNIX SOCK_SEQPACKET pair, until it
   * closes its end, and tells of readiness on {@code told}, the end of another.
   *
   * @param lock called when all that needs rights of this process has been made
   */
  public static void serve(int requests, int told, Lock lock) throws IOException {
    Arena arena = Arena.ofAuto(); // its memory is the events' thread's for as long as that waits
    SocketEvents events = new SocketEvents(told, arena);
    lock.engage();
    events.start();
    GoferServer.serve(requests, new SocketGofer(events));
  }

  /** Gives up what rights there are left. */
  @FunctionalInterface
  public interface Lock {
    void engage() throws IOException;
  }

  @Override
  public Reply handle(Request request) {
    donated = -1;
    return request instanceof Request.Socket(SocketRequest what) ? handle(what) : refuse();
  }

  private static Reply refuse() {
    throw Errno.EOPNOTSUPP.exception(); // it has no files
  }

  private Reply handle(SocketRequest request) {
    return switch (request) {
      case SocketRequest.Create c -> create(c);
      case SocketRequest.Bind(int handle, byte[] address) -> {
        SocketCalls.bind(descriptor(handle), address);
        yield new Reply.Done();
      }
      case SocketRequest.Connect(int handle, byte[] address) -> {
        SocketCalls.connect(descriptor(handle), address);
        yield new Reply.Done();
      }
      case SocketRequest.Listen(int handle, int backlog) -> {
        SocketCalls.listen(descriptor(handle), backlog);
        yield new Reply.Done();
      }
      case SocketRequest.Accept(int handle) -> accept(handle);
      case SocketRequest.Name(int handle, boolean peer) ->
          new Reply.Bytes(SocketCalls.name(descriptor(handle), peer));
      case SocketRequest.GetOption(int handle, int level, int option, int room) -> {
        require(level, option);
        yield new Reply.Bytes(SocketCalls.option(descriptor(handle), level, option, room));
      }
      case SocketRequest.SetOption(int handle, int level, int option, byte[] value) -> {
        require(level, option);
        SocketCalls.setOption(descriptor(handle), level, option, value);
        yield new Reply.Done();
      }
      case SocketRequest.Query(int handle, int what) -> query(handle, what);
      case SocketRequest.Close(int handle) -> close(handle);
    };
  }

  @Override
  public int takeDonated() {
    int fd = donated;
    donated = -1;
    return fd;
  }

  private int descriptor(int handle) {
    Integer fd = descriptors.get(handle);
    if (fd == null) {
      throw Errno.EBADF.exception();
    }
    return fd;
  }

  private static void require(int level, int option) {
    if (!HostSocketOptions.has(level, option)) {
      throw Errno.ENOPROTOOPT.exception();
    }
  }

  private Reply create(SocketRequest.Create c) {
    if (c.domain() != AF_INET && c.domain() != AF_INET6) {
      throw Errno.EAFNOSUPPORT.exception();
    }
    boolean known =
        switch (c.type()) {
          case SOCK_STREAM -> c.protocol() == 0 || c.protocol() == IPPROTO_TCP;
          case SOCK_DGRAM ->
              c.protocol() == 0
                  || c.protocol() == IPPROTO_UDP
                  || c.protocol() == (c.domain() == AF_INET ? IPPROTO_ICMP : IPPROTO_ICMPV6);
          case SOCK_RAW -> true; // as CAP_NET_RAW allows
          default -> throw Errno.ESOCKTNOSUPPORT.exception();
        };
    if (!known) {
      throw Errno.EPROTONOSUPPORT.exception();
    }
    requireRoom();
    return made(SocketCalls.create(c.domain(), c.type(), c.protocol()), new byte[0]);
  }

  private void requireRoom() {
    if (descriptors.size() >= MOST) {
      throw Errno.ENFILE.exception();
    }
  }

  private Reply accept(int handle) {
    requireRoom();
    SocketCalls.Accepted a = SocketCalls.accept(descriptor(handle));
    return made(a.descriptor(), a.peer());
  }

  private Reply made(int fd, byte[] peer) {
    try {
      int handle = newHandle();
      events.add(fd, handle);
      donated = SocketCalls.duplicate(fd);
      descriptors.put(handle, fd);
      return new Reply.Socket(handle, peer);
    } catch (LinuxException e) {
      DescriptorCalls.close(fd);
      throw e;
    }
  }

  /** One that no socket has: the numbers start over after some two thousand million. */
  private int newHandle() {
    do {
      lastHandle = lastHandle + 1 & Integer.MAX_VALUE;
    } while (descriptors.containsKey(lastHandle));
    return lastHandle;
  }

  private Reply query(int handle, int what) {
    if (what != SIOCATMARK && what != SIOCOUTQ && what != SIOCOUTQNSD) {
      throw Errno.ENOTTY.exception();
    }
    int value = SocketCalls.query(descriptor(handle), what);
    ByteBuffer b = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    return new Reply.Bytes(b.putInt(value).array());
  }

  /** Nobody waits in the last close of a socket with SO_LINGER: that would hold up all others. */
  private Reply close(int handle) {
    int fd = descriptor(handle);
    descriptors.remove(handle);
    events.remove(fd);
    byte[] linger = SocketCalls.option(fd, HostSocketOptions.SOL_SOCKET, SO_LINGER, LINGER_SIZE);
    ByteBuffer b = ByteBuffer.wrap(linger).order(ByteOrder.LITTLE_ENDIAN);
    if (b.getInt(0) != 0 && b.getInt(Integer.BYTES) != 0) {
      SocketCalls.setOption(fd, HostSocketOptions.SOL_SOCKET, SO_LINGER, new byte[LINGER_SIZE]);
    }
    DescriptorCalls.close(fd);
    return new Reply.Done();
  }
}
