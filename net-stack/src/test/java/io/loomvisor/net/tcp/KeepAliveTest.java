package io.loomvisor.net.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.SocketOption;
import org.junit.jupiter.api.Test;

/** Keep-alive (RFC 9293 section 3.8.4). */
final class KeepAliveTest {
  private final Script s = new Script();

  private TcpEndpoint kept() {
    TcpEndpoint e = s.accepted();
    e.setOption(SocketOption.TCP_KEEPIDLE, 10);
    e.setOption(SocketOption.TCP_KEEPINTVL, 5);
    e.setOption(SocketOption.TCP_KEEPCNT, 3);
    e.setOption(SocketOption.SO_KEEPALIVE, 1);
    return e;
  }

  @Test
  void offByDefaultRfc9293Section384() {
    TcpEndpoint e = s.accepted();
    s.after(100_000_000);
    s.nothing();
    assertEquals(State.ESTABLISHED, e.state());
    assertEquals(7200, e.getOption(SocketOption.TCP_KEEPIDLE));
  }

  @Test
  void anIdlePeerIsProbedRfc9293Section384() {
    kept();
    s.after(9999);
    s.nothing();
    s.after(1);
    s.out(". 0:0(0) ack 1");
    s.in(". 1:1(0) ack 1");
    s.after(9999);
    s.nothing();
    s.after(1);
    s.out(". 0:0(0) ack 1");
  }

  @Test
  void aDeadPeerEndsTheConnectionTcp7() {
    TcpEndpoint e = kept();
    s.after(10_000);
    s.out(". 0:0(0) ack 1");
    s.after(5000);
    s.out(". 0:0(0) ack 1");
    s.after(5000);
    s.out(". 0:0(0) ack 1");
    s.after(5000);
    s.out("R. 1:1(0) ack 1");
    assertEquals(Errno.ETIMEDOUT, e.takeError());
  }

  @Test
  void dataPutsTheProbeOffTcp7() {
    kept();
    s.after(8000);
    s.in("P. 1:11(10) ack 1");
    s.drop();
    s.after(8000);
    s.nothing();
    s.after(2000);
    s.out(". 0:0(0) ack 11");
  }

  @Test
  void limitsTcp7() {
    TcpEndpoint e = s.accepted();
    assertEquals(-Errno.EINVAL, e.setOption(SocketOption.TCP_KEEPIDLE, 0));
    assertEquals(-Errno.EINVAL, e.setOption(SocketOption.TCP_KEEPINTVL, 40_000));
    assertEquals(-Errno.EINVAL, e.setOption(SocketOption.TCP_KEEPCNT, 128));
  }
}
