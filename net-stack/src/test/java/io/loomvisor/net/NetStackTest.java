package io.loomvisor.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.link.PipeLink;
import io.loomvisor.net.socket.SocketAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The blocking sockets in real time, many virtual threads at once. */
@Timeout(60)
@SuppressWarnings("try")
final class NetStackTest {
  private static NetStack local() {
    return NetStack.builder().loopback().build();
  }

  @Test
  void anEchoAcrossTheLoopback() throws Exception {
    try (NetStack s = local();
        TcpListener l = s.listen("127.0.0.1:7")) {
      Thread.startVirtualThread(() -> echo(l));
      try (TcpSocket c = s.connect("127.0.0.1:7")) {
        assertEquals(7, c.remoteAddress().port());
        c.outputStream().write("hello".getBytes(StandardCharsets.UTF_8));
        c.shutdownOutput();
        assertEquals("hello", new String(c.inputStream().readAllBytes(), StandardCharsets.UTF_8));
      }
    }
  }

  private static void echo(TcpListener l) {
    try {
      for (; ; ) {
        TcpSocket c = l.accept();
        Thread.startVirtualThread(
            () -> {
              try (c) {
                c.inputStream().transferTo(c.outputStream());
              } catch (IOException e) {
                throw new AssertionError(e);
              }
            });
      }
    } catch (IOException e) {
      assertTrue(e instanceof AsynchronousCloseException, e.toString());
    }
  }

  @Test
  void manyConnectionsAtOnceBetweenTwoStacks() throws Exception {
    PipeLink[] pipe = PipeLink.ipWithOffload(1500);
    try (NetStack a = NetStack.builder().link("eth0", pipe[0]).address("10.0.0.1/24").build();
        NetStack b =
            NetStack.builder()
                .link("eth0", pipe[1])
                .address("10.0.0.2/24")
                .address("fd00::2/64")
                .build();
        TcpListener l = b.listen("[::]:7");
        var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      Thread.startVirtualThread(() -> echo(l));
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        int seed = i;
        all.add(pool.submit(() -> roundTrip(a, seed)));
      }
      for (Future<?> f : all) {
        f.get(50, TimeUnit.SECONDS);
      }
    }
  }

  private static Void roundTrip(NetStack a, int seed) throws Exception {
    byte[] data = new byte[200_000];
    new Random(seed).nextBytes(data);
    try (TcpSocket c = a.connect("10.0.0.2:7")) {
      Thread w =
          Thread.startVirtualThread(
              () -> {
                try {
                  c.write(ByteBuffer.wrap(data));
                  c.shutdownOutput();
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              });
      ByteBuffer in = ByteBuffer.allocateDirect(data.length + 1);
      while (c.read(in) >= 0) {
        // until the end
      }
      w.join();
      byte[] got = new byte[in.flip().remaining()];
      in.get(got);
      assertArrayEquals(data, got);
    }
    return null;
  }

  @Test
  void errorsAreTheJdksExceptions() throws Exception {
    try (NetStack s = local();
        TcpListener l = s.listen("127.0.0.1:80")) {
      assertThrows(ConnectException.class, () -> s.connect("127.0.0.1:81"));
      assertThrows(NoRouteToHostException.class, () -> s.connect("8.8.8.8:80"));
      assertThrows(BindException.class, () -> s.listen("127.0.0.1:80"));
      assertThrows(BindException.class, () -> s.listen("10.9.9.9:80"));
      assertThrows(SocketTimeoutException.class, () -> l.timeout(20).accept());
      TcpSocket c = s.connect("127.0.0.1:80");
      assertThrows(SocketTimeoutException.class, () -> c.timeout(20).read(new byte[1], 0, 1));
      c.close();
    }
  }

  @Test
  void closingWakesAReader() throws Exception {
    try (NetStack s = local();
        TcpListener l = s.listen("127.0.0.1:80");
        var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      TcpSocket c = s.connect("127.0.0.1:80");
      Future<Integer> read = pool.submit(() -> c.read(new byte[1], 0, 1));
      Thread.sleep(20);
      c.close();
      Exception e = assertThrows(Exception.class, () -> read.get(10, TimeUnit.SECONDS));
      assertTrue(e.getCause() instanceof AsynchronousCloseException, e.toString());
    }
  }

  @Test
  void datagrams() throws Exception {
    try (NetStack s = local();
        UdpSocket a = s.bind("127.0.0.1:1000");
        UdpSocket b = s.bind("[::]:0")) {
      SocketAddress to = new SocketAddress(a.localAddress().address().mapped(), 1000);
      b.send(to, ByteBuffer.wrap(new byte[] {1, 2, 3}));
      ByteBuffer in = ByteBuffer.allocate(10);
      var info = a.receive(in);
      assertEquals(3, in.position());
      assertEquals(b.localAddress().port(), info.sourcePort);
      assertThrows(SocketTimeoutException.class, () -> a.timeout(20).receive(in));
    }
  }

  @Test
  void connectionsComeAndGoInEveryWay() throws Exception {
    PacketPool packets = new PacketPool();
    try (NetStack s = NetStack.builder().pool(packets).loopback().build();
        TcpListener l = s.listen("127.0.0.1:7");
        var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      AtomicInteger served = new AtomicInteger();
      Future<?> server = pool.submit(() -> serve(l, pool, served));
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        int seed = i;
        all.add(pool.submit(() -> visit(s, new Random(seed))));
      }
      for (Future<?> f : all) {
        f.get(50, TimeUnit.SECONDS);
      }
      l.close();
      server.get(10, TimeUnit.SECONDS);
      assertTrue(served.get() > 1000, "served " + served.get());
      Awaitility.await().until(() -> packets.outstanding() == 0);
      // What is left waits in TIME-WAIT.
      assertTrue(s.tcp().connections() <= 1600, "left " + s.tcp().connections());
      assertNull(Mailbox.takeFailure());
    }
  }

  private static Void visit(NetStack s, Random r) throws Exception {
    byte[] data = new byte[5000];
    for (int i = 0; i < 100; i++) {
      try (TcpSocket c = s.connect("127.0.0.1:7")) {
        c.write(data, 0, 1 + r.nextInt(data.length - 1));
        switch (r.nextInt(4)) {
          case 0 -> c.endpoint().linger(true, 0);
          case 1 -> c.shutdownOutput();
          case 2 -> c.read(data, 0, 1);
          default -> {}
        }
      } catch (SocketException e) {
        // The other side may have been quicker with a reset.
        assertTrue(
            e.getMessage().matches("Connection reset|Broken pipe|Not connected"), e.toString());
      }
    }
    return null;
  }

  private static Void serve(TcpListener l, ExecutorService pool, AtomicInteger served) {
    try {
      for (; ; ) {
        TcpSocket c = l.accept();
        pool.submit(
            () -> {
              try (c) {
                byte[] in = new byte[1000];
                int n = c.read(in, 0, in.length);
                if (n > 0) {
                  c.write(in, 0, n);
                }
                served.incrementAndGet();
              }
              return null;
            });
      }
    } catch (IOException e) {
      assertTrue(e instanceof AsynchronousCloseException, e.toString());
    }
    return null;
  }
}
