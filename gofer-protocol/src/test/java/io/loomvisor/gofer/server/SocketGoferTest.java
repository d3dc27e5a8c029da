package io.loomvisor.gofer.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.gofer.client.DonatedSocket;
import io.loomvisor.gofer.client.GoferClient;
import io.loomvisor.gofer.host.DescriptorCalls;
import io.loomvisor.gofer.host.MessageCalls;
import io.loomvisor.gofer.host.SocketPair;
import io.loomvisor.gofer.host.StreamCalls;
import io.loomvisor.gofer.wire.EventBatch;
import io.loomvisor.gofer.wire.Reply;
import io.loomvisor.gofer.wire.Request;
import io.loomvisor.gofer.wire.SocketRequest;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class SocketGoferTest {
  private static final int AF_UNIX = 1;
  private static final int AF_INET = 2;
  private static final int AF_NETLINK = 16;
  private static final int SOCK_STREAM = 1;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_SEQPACKET = 5;
  private static final int SOL_SOCKET = 1;
  private static final int SO_REUSEADDR = 2;
  private static final int SO_RCVBUF = 8;
  private static final int SO_LINGER = 13;
  private static final int SO_ATTACH_FILTER = 26;
  private static final int POLLIN = 1;
  private static final int POLLOUT = 4;

  private final SocketPair requests = SocketPair.open();
  private final SocketPair events = SocketPair.open();
  private final CompletableFuture<Void> served = new CompletableFuture<>();
  private final Arena arena = Arena.ofShared();
  private final MemorySegment buffer = arena.allocate(4096, 8);
  private GoferClient client;

  @BeforeEach
  void start() {
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                SocketGofer.serve(requests.server(), events.server(), () -> {});
                served.complete(null);
              } catch (Exception e) {
                served.completeExceptionally(e);
              }
            });
    client = new GoferClient(requests.client(), reason -> {});
  }

  @AfterEach
  void end() {
    client.close();
    assertEquals(null, served.orTimeout(10, TimeUnit.SECONDS).join());
    DescriptorCalls.close(events.client());
  }

  private DonatedSocket create(int type) {
    return client.socket(new SocketRequest.Create(AF_INET, type, 0));
  }

  private void done(SocketRequest request) {
    client.ask(new Request.Socket(request), Reply.Done.class);
  }

  private byte[] bytes(SocketRequest request) {
    return client.ask(new Request.Socket(request), Reply.Bytes.class).value();
  }

  private Errno errno(SocketRequest request) {
    return assertThrows(LinuxException.class, () -> done(request)).errno();
  }

  /** 127.0.0.1, a struct sockaddr_in. */
  private static byte[] loopback(int port) {
    byte[] a = new byte[16];
    a[0] = AF_INET;
    a[2] = (byte) (port >> 8);
    a[3] = (byte) port;
    a[4] = 127;
    a[7] = 1;
    return a;
  }

  private static int port(byte[] address) {
    return (address[2] & 0xff) << 8 | address[3] & 0xff;
  }

  private DonatedSocket bound(int type) {
    DonatedSocket s = create(type);
    done(new SocketRequest.Bind(s.handle(), loopback(0)));
    return s;
  }

  private int port(DonatedSocket s) {
    return port(bytes(new SocketRequest.Name(s.handle(), false)));
  }

  /** Handles to all that has been told of them until {@code wanted} holds of one. */
  private Map<Integer, Integer> await(int handle, int wanted) {
    Map<Integer, Integer> told = new HashMap<>();
    EventBatch batch = new EventBatch(buffer);
    while ((told.getOrDefault(handle, 0) & wanted) == 0) {
      int length = DescriptorCalls.receive(events.client(), buffer).length();
      assertTrue(length > 0);
      batch.read(length, (h, e) -> told.merge(h, e, (a, b) -> a | b));
    }
    return told;
  }

  private int send(DonatedSocket s, String text) {
    byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    MemorySegment.copy(bytes, 0, buffer, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return MessageCalls.send(s.descriptor(), buffer, bytes.length, null, new byte[0], 0);
  }

  @Test
  void aConnectionIsMadeAcceptedAndCarriesBytes() {
    DonatedSocket listener = bound(SOCK_STREAM);
    done(new SocketRequest.Listen(listener.handle(), 5));
    assertEquals(Errno.EAGAIN, errno(new SocketRequest.Accept(listener.handle())));
    DonatedSocket caller = create(SOCK_STREAM);
    byte[] to = loopback(port(listener));
    assertEquals(Errno.EINPROGRESS, errno(new SocketRequest.Connect(caller.handle(), to)));
    await(listener.handle(), POLLIN);
    DonatedSocket accepted = client.socket(new SocketRequest.Accept(listener.handle()));
    assertEquals(port(caller), port(accepted.peer()));
    assertArrayEquals(to, bytes(new SocketRequest.Name(caller.handle(), true)));
    assertEquals(5, send(caller, "hello"));
    await(accepted.handle(), POLLIN);
    MessageCalls.Received r = MessageCalls.receive(accepted.descriptor(), buffer, 100, 0);
    assertEquals(5, r.length());
    assertEquals('h', buffer.get(ValueLayout.JAVA_BYTE, 0));
  }

  @Test
  void whatIsReadableIsNotToldToBeWritableOnceMore() {
    DonatedSocket to = bound(SOCK_DGRAM);
    await(to.handle(), POLLOUT);
    DonatedSocket from = create(SOCK_DGRAM);
    done(new SocketRequest.Connect(from.handle(), loopback(port(to))));
    assertEquals(1, send(from, "x"));
    assertEquals(POLLIN, await(to.handle(), POLLIN).get(to.handle()) & (POLLIN | POLLOUT));
  }

  @Test
  void otherFamiliesAndTypesAreRefused() {
    assertEquals(Errno.EAFNOSUPPORT, errno(new SocketRequest.Create(AF_UNIX, SOCK_STREAM, 0)));
    assertEquals(Errno.EAFNOSUPPORT, errno(new SocketRequest.Create(AF_NETLINK, SOCK_DGRAM, 0)));
    assertEquals(
        Errno.ESOCKTNOSUPPORT, errno(new SocketRequest.Create(AF_INET, SOCK_SEQPACKET, 0)));
    int mptcp = 262;
    assertEquals(
        Errno.EPROTONOSUPPORT, errno(new SocketRequest.Create(AF_INET, SOCK_STREAM, mptcp)));
    int dgramWithFlags = SOCK_DGRAM | 04000;
    assertEquals(
        Errno.ESOCKTNOSUPPORT, errno(new SocketRequest.Create(AF_INET, dgramWithFlags, 0)));
  }

  @Test
  void filesAreRefused() {
    LinuxException e =
        assertThrows(
            LinuxException.class,
            () -> client.ask(new Request.Attach(0, 1), Reply.Attributes.class));
    assertEquals(Errno.EOPNOTSUPP, e.errno());
  }

  @Test
  void unknownHandlesAreRefused() {
    DonatedSocket s = create(SOCK_DGRAM);
    done(new SocketRequest.Close(s.handle()));
    assertEquals(Errno.EBADF, errno(new SocketRequest.Close(s.handle())));
    assertEquals(Errno.EBADF, errno(new SocketRequest.Listen(0, 1)));
    assertEquals(Errno.EBADF, errno(new SocketRequest.Bind(requests.client(), loopback(0))));
  }

  @Test
  void optionsOfTheListPassAndNoOthers() {
    DonatedSocket s = create(SOCK_STREAM);
    byte[] one = {1, 0, 0, 0};
    done(new SocketRequest.SetOption(s.handle(), SOL_SOCKET, SO_REUSEADDR, one));
    assertArrayEquals(
        one, bytes(new SocketRequest.GetOption(s.handle(), SOL_SOCKET, SO_REUSEADDR, 4)));
    assertEquals(
        2, bytes(new SocketRequest.GetOption(s.handle(), SOL_SOCKET, SO_RCVBUF, 2)).length);
    assertEquals(
        Errno.ENOPROTOOPT,
        errno(new SocketRequest.SetOption(s.handle(), SOL_SOCKET, SO_ATTACH_FILTER, new byte[16])));
    int iptables = 64;
    assertEquals(
        Errno.ENOPROTOOPT, errno(new SocketRequest.GetOption(s.handle(), 0, iptables, 4096)));
  }

  @Test
  void queriesAreThoseOfTheList() {
    DonatedSocket s = create(SOCK_STREAM);
    assertArrayEquals(new byte[4], bytes(new SocketRequest.Query(s.handle(), 0x5411)));
    int siocgifconf = 0x8912;
    assertEquals(Errno.ENOTTY, errno(new SocketRequest.Query(s.handle(), siocgifconf)));
  }

  /** The sentry's descriptor is the last one then, and the one on which its close would wait. */
  @Test
  void closingLeavesTheSocketToTheSentryWithoutLinger() {
    DonatedSocket s = create(SOCK_STREAM);
    byte[] linger =
        ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putInt(1).putInt(30).array();
    done(new SocketRequest.SetOption(s.handle(), SOL_SOCKET, SO_LINGER, linger));
    done(new SocketRequest.Close(s.handle()));
    assertEquals(
        StreamCalls.POLLOUT | StreamCalls.POLLHUP,
        StreamCalls.ready(s.descriptor(), StreamCalls.POLLOUT));
    byte[] left =
        io.loomvisor.gofer.host.SocketCalls.option(s.descriptor(), SOL_SOCKET, SO_LINGER, 8);
    assertEquals(0, left[0]);
    DescriptorCalls.close(s.descriptor());
  }

  @Test
  void shutdownAndErrorsAreTheHosts() {
    DonatedSocket s = create(SOCK_STREAM);
    LinuxException e =
        assertThrows(LinuxException.class, () -> MessageCalls.shutdown(s.descriptor(), 2));
    assertEquals(Errno.ENOTCONN, e.errno());
    assertEquals(Errno.EPIPE, assertThrows(LinuxException.class, () -> send(s, "x")).errno());
  }
}
