package io.loomvisor.net.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.socket.Readiness;
import io.loomvisor.net.socket.SocketOption;
import org.junit.jupiter.api.Test;

/** Urgent data as Linux has it (tcp(7), RFC 6093 section 3). */
final class UrgentTest {
  private final Script s = new Script();

  @Test
  void theLastByteIsUrgentSend2() {
    TcpEndpoint e = s.accepted();
    assertEquals(3, e.writeUrgent(new byte[] {1, 2, 3}, 0, 3));
    s.out("PU. 1:4(3) urg 3");
    s.in(". 1:1(0) ack 4");
    s.write(e, 5);
    s.out("P. 4:9(5)");
  }

  @Test
  void readingStopsAtTheMarkAndStepsOverItTcp7() {
    TcpEndpoint e = s.accepted();
    s.in("PU. 1:6(5) ack 1 win 1000 urg 3");
    s.drop();
    assertTrue((e.readiness() & Readiness.PRI) != 0);
    assertFalse(e.atMark());
    assertEquals(2, e.available());
    assertEquals(2, s.read(e));
    assertTrue(e.atMark());
    assertEquals(3, e.readUrgent(true));
    assertEquals(3, e.readUrgent(false));
    assertEquals(-Errno.EINVAL, e.readUrgent(false));
    byte[] a = new byte[10];
    assertEquals(2, e.read(a, 0, 10));
    assertEquals(4, a[0]);
    assertFalse(e.atMark());
  }

  @Test
  void inlineItIsReadWithTheRestSocket7() {
    TcpEndpoint e = s.accepted();
    e.setOption(SocketOption.SO_OOBINLINE, 1);
    s.in("PU. 1:6(5) ack 1 win 1000 urg 3");
    assertEquals(-Errno.EINVAL, e.readUrgent(false));
    assertEquals(2, s.read(e));
    assertTrue(e.atMark());
    byte[] a = new byte[10];
    assertEquals(3, e.read(a, 0, 10));
    assertEquals(3, a[0]);
  }

  @Test
  void announcedBeforeItComesTcp7() {
    TcpEndpoint e = s.accepted();
    s.in("U. 1:3(2) ack 1 win 1000 urg 5");
    assertEquals(-Errno.EAGAIN, e.readUrgent(false));
    assertEquals(0, e.readiness() & Readiness.PRI);
    s.in("P. 3:8(5) ack 1");
    assertTrue((e.readiness() & Readiness.PRI) != 0);
    assertEquals(5, e.readUrgent(false));
  }

  @Test
  void withoutUrgentDataThereIsNothingRecv2() {
    TcpEndpoint e = s.accepted();
    s.in("P. 1:6(5) ack 1");
    assertEquals(-Errno.EINVAL, e.readUrgent(false));
    assertFalse(e.atMark());
  }
}
