package io.loomvisor.net.ip;

import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Checksum;
import io.loomvisor.net.wire.Ethernet;
import io.loomvisor.net.wire.Icmp4;
import io.loomvisor.net.wire.Icmp6;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Ipv4;
import io.loomvisor.net.wire.Ipv6;
import io.loomvisor.net.wire.MacAddress;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.Random;

/** Bytes of packets, put together by hand, so that a test can say exactly what is on the wire. */
public final class Packets {
  private Packets() {}

  public static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] p : parts) {
      out.writeBytes(p);
    }
    return out.toByteArray();
  }

  /** {@code "06 00 c2 04"}. */
  public static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  /** {@code n} bytes that depend on {@code n} only. */
  public static byte[] data(int n) {
    byte[] d = new byte[n];
    new Random(n).nextBytes(d);
    return d;
  }

  public static byte[] slice(byte[] a, int from, int to) {
    return java.util.Arrays.copyOfRange(a, from, to);
  }

  public static byte[] ipv6(IpAddress from, IpAddress to, int next, int hopLimit, byte[]... body) {
    byte[] b = join(body);
    byte[] h = new byte[Ipv6.HEADER];
    Ipv6.write(h, 0, b.length, 0, 0, next, hopLimit, from, to);
    return join(h, b);
  }

  /** A fragment header; {@code offset} in bytes. */
  public static byte[] fragment6(int next, int offset, boolean more, int id) {
    byte[] f = new byte[Ipv6.FRAGMENT_HEADER];
    f[0] = (byte) next;
    Bytes.put16(f, 2, offset | (more ? 1 : 0));
    Bytes.put32(f, 4, id);
    return f;
  }

  public static byte[] ipv4(IpAddress from, IpAddress to, int protocol, byte[] body) {
    return ipv4(from, to, protocol, 1, 0, new byte[0], body);
  }

  /** {@code options}: a multiple of four bytes. */
  public static byte[] ipv4(
      IpAddress from,
      IpAddress to,
      int protocol,
      int id,
      int flagsAndOffset,
      byte[] options,
      byte[] body) {
    byte[] p = join(new byte[Ipv4.MIN_HEADER], options, body);
    Ipv4.write(p, 0, p.length, 0, id, flagsAndOffset, 64, protocol, from.intValue(), to.intValue());
    p[0] = (byte) (0x45 + options.length / 4);
    Ipv4.writeChecksum(p, 0);
    return p;
  }

  public static byte[] icmp4(int type, int code, int rest, byte[] body) {
    byte[] m = join(new byte[Icmp4.HEADER], body);
    Icmp4.write(m, 0, m.length, type, code, rest);
    return m;
  }

  public static byte[] icmp6(
      IpAddress from, IpAddress to, int type, int code, int rest, byte[]... body) {
    byte[] m = join(new byte[Icmp6.HEADER], join(body));
    Icmp6.write(m, 0, m.length, type, code, rest, from, to);
    return m;
  }

  /** An ICMPv6 message in a packet with hop limit 255, as neighbour discovery wants it. */
  public static byte[] ndp(IpAddress from, IpAddress to, int type, int rest, byte[]... body) {
    return ipv6(from, to, IpProtocol.ICMPV6, 255, icmp6(from, to, type, 0, rest, body));
  }

  public static byte[] bytes(IpAddress a) {
    byte[] b = new byte[a.v6() ? 16 : 4];
    a.write(b, 0);
    return b;
  }

  /** A link-layer address option of neighbour discovery: 1 source, 2 target. */
  public static byte[] linkOption(int type, MacAddress mac) {
    byte[] o = new byte[8];
    o[0] = (byte) type;
    o[1] = 1;
    mac.write(o, 2);
    return o;
  }

  /** A prefix information option (RFC 4861 section 4.6.2); {@code flags}: 0x80 L, 0x40 A. */
  public static byte[] prefixOption(String prefix, int flags, long valid, long preferred) {
    String[] parts = prefix.split("/");
    byte[] o = new byte[32];
    o[0] = 3;
    o[1] = 4;
    o[2] = (byte) Integer.parseInt(parts[1]);
    o[3] = (byte) flags;
    Bytes.put32(o, 4, (int) valid);
    Bytes.put32(o, 8, (int) preferred);
    IpAddress.parse(parts[0]).write(o, 16);
    return o;
  }

  public static byte[] ethernet(MacAddress to, MacAddress from, int type, byte[] packet) {
    byte[] f = new byte[Ethernet.HEADER_LENGTH];
    Ethernet.write(f, 0, to, from, type);
    return join(f, packet);
  }

  public static byte[] udp(IpAddress from, int fromPort, IpAddress to, int toPort, byte[] body) {
    byte[] u = join(new byte[8], body);
    Bytes.put16(u, 0, fromPort);
    Bytes.put16(u, 2, toPort);
    Bytes.put16(u, 4, u.length);
    long sum = Checksum.pseudo(from, to, IpProtocol.UDP, u.length);
    int c = Checksum.finish(Checksum.add(sum, u, 0, u.length));
    Bytes.put16(u, 6, c == 0 ? 0xffff : c);
    return u;
  }
}
