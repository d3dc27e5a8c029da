package io.loomvisor.gofer.server;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.DescriptorCalls.Received;
import io.loomvisor.gofer.host.DirectoryCalls;
import io.loomvisor.gofer.host.MessageMemory;
import io.loomvisor.gofer.wire.ProtocolException;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.ReplyCodec;
import io.loomvisor.gofer.wire.Request;
import io.loomvisor.gofer.wire.RequestCodec;
import io.loomvisor.gofer.wire.Wire;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/**
 * The main loop of the gofer: takes requests from its socket one at a time, in order, and answers
 * each before it takes the next. One thread. What the requests mean is a {@link RequestHandler}'s.
 */
public final class GoferServer {
  private final int socket;
  private final RequestHandler requests;
  private final MemorySegment in;
  private final MemorySegment out;
  private final ByteBuffer inBytes;
  private final ByteBuffer outBytes;

  private GoferServer(int socket, RequestHandler requests) {
    this.socket = socket;
    this.requests = requests;
    in = MessageMemory.allocate(Wire.MAX_MESSAGE);
    out = MessageMemory.allocate(Wire.MAX_MESSAGE);
    inBytes = in.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    outBytes = out.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Serves the sentry on {@code socketFd}, one end of an AF_UNIX SOCK_SEQPACKET pair, until it
   * closes its end. Sets the umask of the process to 0. Closes neither the socket nor the roots.
   *
   * @throws ProtocolException the sentry sent what is no message; its message says what
   */
  public static void serve(int socketFd, List<GoferRoot> roots) {
    DirectoryCalls.setUmask(0);
    DirectoryTable table = new DirectoryTable();
    try (Arena arena = Arena.ofConfined()) {
      serve(socketFd, new GoferRequests(table, List.copyOf(roots), arena));
    } finally {
      table.close();
    }
  }

  /** As {@link #serve}, for a gofer of another kind. */
  static void serve(int socketFd, RequestHandler requests) {
    new GoferServer(socketFd, requests).loop();
  }

  private void loop() {
    for (; ; ) {
      Received message;
      try {
        message = DescriptorCalls.receive(socket, in);
      } catch (LinuxException e) {
        if (e.errno() == Errno.ECONNRESET) {
          return;
        }
        throw e;
      }
      for (int fd : message.descriptors()) {
        DescriptorCalls.close(fd);
      }
      if (message.length() == 0) {
        return;
      }
      if (message.truncated() || message.descriptors().length > 0) {
        throw new ProtocolException("a request that is too long or carries descriptors");
      }
      if (message.length() < Wire.HEADER) {
        throw new ProtocolException("a request shorter than its header");
      }
      inBytes.clear().limit(message.length());
      if (!answer(RequestCodec.tag(inBytes), RequestCodec.decode(inBytes))) {
        return;
      }
    }
  }

  /** Handles one request; false if the sentry has gone. */
  private boolean answer(int tag, Request request) {
    int fd = -1;
    try {
      Reply reply;
      try {
        reply = requests.handle(request);
        fd = requests.takeDonated();
      } catch (LinuxException e) {
        reply = new Reply.Failure(e.errno());
      }
      outBytes.clear();
      ReplyCodec.encode(tag, reply, outBytes);
      DescriptorCalls.send(socket, out, outBytes.position(), fd);
      return true;
    } catch (LinuxException e) {
      if (e.errno() == Errno.EPIPE || e.errno() == Errno.ECONNRESET) {
        return false;
      }
      throw e;
    } finally {
      if (fd >= 0) {
        DescriptorCalls.close(fd);
      }
    }
  }
}
