package io.loomvisor.net.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class WireTest {
  @Test
  void checksumOfRfc1071Section3Example() {
    byte[] a = {0x00, 0x01, (byte) 0xf2, 0x03, (byte) 0xf4, (byte) 0xf5, (byte) 0xf6, (byte) 0xf7};
    assertEquals(~0xddf2 & 0xffff, Checksum.finish(Checksum.add(0, a, 0, a.length)));
  }

  @Test
  void checksumEqualsTheNaiveSumForEveryLength() {
    Random r = new Random(1);
    byte[] a = new byte[400];
    r.nextBytes(a);
    for (int n = 0; n < a.length; n++) {
      long s = 0;
      for (int i = 0; i < n; i++) {
        s += (a[i] & 0xff) << ((i & 1) == 0 ? 8 : 0);
      }
      while (s >>> 16 != 0) {
        s = (s & 0xffff) + (s >>> 16);
      }
      assertEquals(~s & 0xffff, Checksum.finish(Checksum.add(0, a, 0, n)), "length " + n);
    }
  }

  @Test
  void addressesReadBackAsRfc5952Text() {
    for (String t :
        new String[] {
          "::", "::1", "fe80::1", "2001:db8::1:0:0:1", "1:2:3:4:5:6:7:8", "10.0.0.255"
        }) {
      assertEquals(t, IpAddress.parse(t).toString());
    }
    assertEquals(IpAddress.parse("10.1.2.3"), IpAddress.parse("::ffff:10.1.2.3").unmapped());
    for (String t :
        new String[] {"", "1.2.3", "256.1.1.1", ":::", "1::2::3", "1:2:3:4:5:6:7:8:9", "g::"}) {
      assertThrows(IllegalArgumentException.class, () -> IpAddress.parse(t), t);
    }
  }

  @Test
  void tcpOptionsReadBack() {
    TcpOptions o = new TcpOptions();
    o.mss = 1460;
    o.windowScale = 7;
    o.sackPermitted = true;
    o.hasTimestamps = true;
    o.tsVal = 0x12345678;
    byte[] a = new byte[40];
    o.write(a, 0);
    TcpOptions p = new TcpOptions();
    p.parse(a, 0, o.length());
    assertEquals(o.toString(), p.toString());
  }

  @Test
  void parsersStayInsideAnyBytes() {
    Random r = new Random(7);
    TcpOptions o = new TcpOptions();
    for (int i = 0; i < 200_000; i++) {
      byte[] a = new byte[r.nextInt(100)];
      r.nextBytes(a);
      int n = a.length;
      if (n > 0 && r.nextBoolean()) {
        a[0] = (byte) (r.nextBoolean() ? 0x40 | r.nextInt(16) : 0x60);
      }
      if (Ipv4.check(a, 0, n)) {
        assertTrue(Ipv4.headerLength(a, 0) <= n);
        Ipv4.options(a, 0);
      }
      if (Ipv6.check(a, 0, n)) {
        Ipv6.walk(a, 0, n, Ipv6.nextHeader(a, 0), Ipv6.HEADER);
      }
      if (Tcp.check(a, 0, n)) {
        o.parse(a, Tcp.MIN_HEADER, Tcp.headerLength(a, 0));
      }
      if (n >= Icmp6.HEADER) {
        a[0] = (byte) (133 + r.nextInt(4));
        a[1] = 0;
        Ndp.parse(a, 0, n);
      }
      ArpPacket.parse(a, 0, n);
      Udp.check(a, 0, n);
    }
  }
}
