package io.loomvisor.net.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.FlowKey;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.ip.IpLayer;
import io.loomvisor.net.ip.Nic;
import io.loomvisor.net.ip.Route;
import io.loomvisor.net.link.PipeLink;
import io.loomvisor.net.socket.Errno;
import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.stats.Mib;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.time.VirtualClock;
import io.loomvisor.net.wire.Bytes;
import io.loomvisor.net.wire.Checksum;
import io.loomvisor.net.wire.Icmp4;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Ipv4;
import io.loomvisor.net.wire.Tcp;
import io.loomvisor.net.wire.TcpOptions;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A stack and, on the other end of its link, a peer that is a script: it injects segments and says
 * which it expects, in the notation of packetdrill:
 *
 * <pre>
 *   S 0:0(0) win 65535 &lt;mss 1000,sackOK,TS val 10 ecr 0,wscale 7&gt;
 *   P. 1:101(100) ack 1 win 257
 * </pre>
 *
 * <p>A word in brackets in front is the ECN codepoint: {@code [ect0] P. 1:101(100)}; E and W are
 * the flags ECE and CWR.
 *
 * <p>Sequence numbers count from each side's SYN, timestamps of the stack from the first it sent.
 * What an expectation leaves out (ack, win, options, P, urg) is not looked at. Time moves only by
 * {@link #after}.
 */
final class Script {
  static final IpAddress STACK = IpAddress.parse("192.168.0.1");
  static final IpAddress PEER = IpAddress.parse("192.0.2.1");
  static final int PEER_PORT = 5000;
  static final int PORT = 8080;
  private static final int PEER_ISN = 0xffff_fff0;
  private static final Pattern SEGMENT =
      Pattern.compile(
          "([SFRP.UEW]+) (-?\\d+):(-?\\d+)\\((\\d+)\\)(?: ack (-?\\d+))?(?: win (\\d+))?"
              + "(?: urg (\\d+))?(?: <(.*)>)?");

  final VirtualClock clock = new VirtualClock();
  final PacketPool pool = new PacketPool();
  final Mib mib = new Mib();
  final IpLayer ip = new IpLayer(clock, pool, mib, false);
  final TcpSettings settings = new TcpSettings();
  final TcpLayer tcp = new TcpLayer(ip, settings);
  private final PipeLink far;
  private final ArrayDeque<byte[]> sent = new ArrayDeque<>();
  private int stackPort = PORT;
  private int peerPort = PEER_PORT;
  private boolean isnKnown;
  private int stackIsn;
  private boolean stampKnown;
  private int firstStamp;
  private int lastStamp;

  Script() {
    this(1500);
  }

  Script(int mtu) {
    PipeLink[] pipe = PipeLink.ip(mtu);
    far = pipe[1];
    far.attach(
        p -> {
          sent.add(Arrays.copyOfRange(p.array(), p.start(), p.end()));
          p.release();
        });
    Nic nic = ip.addNic("tun0", pipe[0]);
    ip.addAddress(nic, STACK, 24);
    ip.addRoute(Route.toDefault(PEER, nic.id()));
  }

  // Peers

  /** Further segments are from and to this port of the peer; the stack's ISN is forgotten. */
  void peerPort(int port) {
    peerPort = port;
    forget();
  }

  void stackPort(int port) {
    stackPort = port;
    forget();
  }

  /** A new connection begins: its ISN and first timestamp will be learned. */
  void forget() {
    isnKnown = false;
    stampKnown = false;
  }

  // Opening

  TcpEndpoint listener() {
    return listener(16);
  }

  TcpEndpoint listener(int backlog) {
    TcpEndpoint l = tcp.open(false);
    assertEquals(0, l.bind(STACK, PORT));
    assertEquals(0, l.listen(backlog));
    return l;
  }

  /** A connection that the peer opened, with options and window as given. */
  TcpEndpoint accepted(String synOptions, int window) {
    TcpEndpoint l = listener();
    TcpEndpoint e = accepted(l, synOptions, window);
    l.close();
    return e;
  }

  TcpEndpoint accepted(TcpEndpoint l, String synOptions, int window) {
    forget();
    in("S 0:0(0) win " + window + " <" + synOptions + ">");
    out("S. 0:0(0) ack 1");
    String stamp = synOptions.contains("TS") ? " <TS val 100 ecr 0>" : "";
    in(". 1:1(0) ack 1 win " + window + stamp);
    Accepted a = l.accept();
    assertEquals(0, a.error());
    return a.endpoint();
  }

  /** A handshake from {@code port} of the peer, not accepted yet. */
  void handshake(int port) {
    peerPort(port);
    in("S 0:0(0) win 1000 <mss 1000>");
    out("S. 0:0(0) ack 1");
    in(". 1:1(0) ack 1");
  }

  /** With an MSS of 1000, SACK, no timestamps, no window scale. */
  TcpEndpoint accepted() {
    return accepted("mss 1000,sackOK", 65_535);
  }

  /** A connection that the stack opened. */
  TcpEndpoint connected(String synAckOptions, int window) {
    TcpEndpoint e = connecting();
    out("S 0:0(0)");
    in("S. 0:0(0) ack 1 win " + window + " <" + synAckOptions + ">");
    out(". 1:1(0) ack 1");
    assertEquals(State.ESTABLISHED, e.state());
    return e;
  }

  TcpEndpoint connecting() {
    TcpEndpoint e = tcp.open(false);
    assertEquals(0, e.bind(STACK, PORT));
    assertEquals(-Errno.EINPROGRESS, e.connect(PEER, PEER_PORT));
    return e;
  }

  // Time and data

  void after(long millis) {
    clock.advance(millis * Clock.MILLISECOND);
  }

  /** Writes {@code n} bytes, all of which must be taken. */
  void write(TcpEndpoint e, int n) {
    assertEquals(n, e.write(new byte[n], 0, n, false));
  }

  int read(TcpEndpoint e) {
    sound();
    return e.read(new byte[1 << 16], 0, 1 << 16);
  }

  long count(Counter c) {
    return mib.get(c);
  }

  // Segments to the stack

  void in(String text) {
    Matcher m = match(bare(text));
    TcpOptions o = options(m.group(8));
    int header = Tcp.MIN_HEADER + o.length();
    int length = Integer.parseInt(m.group(4));
    int seq = Integer.parseInt(m.group(2)) + PEER_ISN;
    int ack = m.group(5) == null ? 0 : Integer.parseInt(m.group(5)) + stackIsn;
    int window = m.group(6) == null ? 65_535 : Integer.parseInt(m.group(6));
    int urgent = m.group(7) == null ? 0 : Integer.parseInt(m.group(7));
    PacketBuffer p = pool.acquire(header + length);
    int at = p.append(header);
    Tcp.write(
        p.array(), at, header, peerPort, stackPort, seq, ack, flags(m.group(1)), window, urgent);
    o.write(p.array(), at + Tcp.MIN_HEADER);
    int data = p.append(length);
    for (int i = 0; i < length; i++) {
      p.array()[data + i] = (byte) (Integer.parseInt(m.group(2)) + i);
    }
    long pseudo = Checksum.pseudo(PEER, STACK, IpProtocol.TCP, header + length);
    Tcp.writeChecksum(p.array(), at, header + length, pseudo);
    ip4(p, IpProtocol.TCP, Math.max(0, codepoint(text)));
    far.write(p);
  }

  private void ip4(PacketBuffer p, int protocol, int tos) {
    int n = p.length() + Ipv4.MIN_HEADER;
    int at = p.prepend(Ipv4.MIN_HEADER);
    Ipv4.write(p.array(), at, n, tos, 0, 0, 64, protocol, PEER.intValue(), STACK.intValue());
  }

  /** An ICMP error about a segment of the stack with relative sequence number {@code seq}. */
  void icmp(int type, int code, int rest, int seq) {
    PacketBuffer p = pool.acquire(Icmp4.HEADER + Ipv4.MIN_HEADER + 8);
    int at = p.append(Icmp4.HEADER + Ipv4.MIN_HEADER + 8);
    byte[] a = p.array();
    int quoted = at + Icmp4.HEADER;
    int t = quoted + Ipv4.MIN_HEADER;
    Ipv4.write(a, quoted, 1500, 0, 0, 0, 64, IpProtocol.TCP, STACK.intValue(), PEER.intValue());
    Bytes.put16(a, t, stackPort);
    Bytes.put16(a, t + 2, peerPort);
    Bytes.put32(a, t + 4, seq + stackIsn);
    Icmp4.write(a, at, p.length(), type, code, rest);
    ip4(p, IpProtocol.ICMP, 0);
    far.write(p);
  }

  private static final String[] CODEPOINTS = {"[noecn] ", "[ect1] ", "[ect0] ", "[ce] "};

  /** -1 if the text does not say. */
  private static int codepoint(String text) {
    for (int i = 0; i < CODEPOINTS.length; i++) {
      if (text.startsWith(CODEPOINTS[i])) {
        return i;
      }
    }
    return -1;
  }

  private static String bare(String text) {
    return codepoint(text) < 0 ? text : text.substring(text.indexOf(' ') + 1);
  }

  private Matcher match(String text) {
    Matcher m = SEGMENT.matcher(text);
    if (!m.matches()) {
      throw new IllegalArgumentException(text);
    }
    return m;
  }

  private static int flags(String text) {
    int f = 0;
    for (char ch : text.toCharArray()) {
      f |=
          switch (ch) {
            case 'S' -> Tcp.SYN;
            case 'F' -> Tcp.FIN;
            case 'R' -> Tcp.RST;
            case 'P' -> Tcp.PSH;
            case 'U' -> Tcp.URG;
            case 'E' -> Tcp.ECE;
            case 'W' -> Tcp.CWR;
            default -> Tcp.ACK;
          };
    }
    return f;
  }

  private TcpOptions options(String text) {
    TcpOptions o = new TcpOptions();
    if (text == null || text.isEmpty()) {
      return o;
    }
    for (String part : text.split(",")) {
      String[] w = part.trim().split(" ");
      switch (w[0]) {
        case "mss" -> o.mss = Integer.parseInt(w[1]);
        case "sackOK" -> o.sackPermitted = true;
        case "wscale" -> o.windowScale = Integer.parseInt(w[1]);
        case "nop" -> {}
        case "FO" -> o.fastOpen = w.length > 1 ? HexFormat.of().parseHex(w[1]) : new byte[0];
        case "TS" -> {
          o.hasTimestamps = true;
          o.tsVal = Integer.parseInt(w[2]);
          o.tsEcr = w[4].equals("last") ? lastStamp : echo(Integer.parseInt(w[4]));
        }
        case "sack" -> {
          for (int i = 1; i < w.length; i++) {
            String[] edge = w[i].split(":");
            o.addSack(Integer.parseInt(edge[0]) + stackIsn, Integer.parseInt(edge[1]) + stackIsn);
          }
        }
        default -> throw new IllegalArgumentException(part);
      }
    }
    return o;
  }

  /** 0 stays 0; others are relative to the first timestamp the stack has sent. */
  private int echo(int relative) {
    return relative == 0 && !stampKnown ? 0 : firstStamp + relative;
  }

  // Segments from the stack

  /** Nothing was thrown inside the stack. */
  void sound() {
    Throwable t = Mailbox.takeFailure();
    if (t != null) {
      throw new AssertionError("inside the stack", t);
    }
  }

  /** The next segment the stack has sent must be this one. */
  void out(String text) {
    sound();
    byte[] packet = sent.poll();
    if (packet == null) {
      fail("expected " + text + " but nothing was sent");
    }
    check(text, packet);
  }

  /** The stack must have sent nothing that was not yet expected. */
  void nothing() {
    sound();
    if (!sent.isEmpty()) {
      fail("not expected: " + text(sent.poll()));
    }
  }

  /** Throws away what the stack has sent; returns how many segments. */
  int drop() {
    sound();
    int n = sent.size();
    while (!sent.isEmpty()) {
      learn(sent.poll());
    }
    return n;
  }

  /** The next segment, or null, as text. */
  String next() {
    sound();
    byte[] packet = sent.poll();
    return packet == null ? null : text(packet);
  }

  private void check(String expected, byte[] a) {
    String actual = text(a);
    Matcher e = match(bare(expected));
    Matcher m = match(actual);
    String marked = CODEPOINTS[Ipv4.tos(a, 0) & 3];
    String what = "expected " + expected + " but was " + marked + actual;
    if (codepoint(expected) >= 0) {
      assertEquals(CODEPOINTS[codepoint(expected)], marked, what);
    }
    String flags = e.group(1).contains("P") ? m.group(1) : m.group(1).replace("P", "");
    assertEquals(e.group(1), flags, what);
    for (int i = 2; i <= 8; i++) {
      if (e.group(i) != null) {
        assertEquals(e.group(i), m.group(i), what);
      }
    }
  }

  private void learn(byte[] a) {
    int t = Ipv4.headerLength(a, 0);
    int flags = Tcp.flags(a, t);
    if (!isnKnown && (flags & Tcp.SYN) != 0) {
      isnKnown = true;
      stackIsn = Tcp.seq(a, t);
    }
    TcpOptions o = new TcpOptions();
    o.parse(a, t + Tcp.MIN_HEADER, t + Tcp.headerLength(a, t));
    if (o.hasTimestamps) {
      lastStamp = o.tsVal;
      if (!stampKnown) {
        stampKnown = true;
        firstStamp = o.tsVal;
      }
    }
  }

  private String text(byte[] a) {
    learn(a);
    int t = Ipv4.headerLength(a, 0);
    int n = a.length - t;
    long pseudo =
        Checksum.pseudo(
            IpAddress.v4(Ipv4.source(a, 0)),
            IpAddress.v4(Ipv4.destination(a, 0)),
            IpProtocol.TCP,
            n);
    assertTrue(Checksum.valid(Checksum.add(pseudo, a, t, n)), "checksum");
    int flags = Tcp.flags(a, t);
    StringBuilder s = new StringBuilder();
    s.append((flags & Tcp.SYN) != 0 ? "S" : "").append((flags & Tcp.FIN) != 0 ? "F" : "");
    s.append((flags & Tcp.RST) != 0 ? "R" : "").append((flags & Tcp.PSH) != 0 ? "P" : "");
    s.append((flags & Tcp.ECE) != 0 ? "E" : "").append((flags & Tcp.CWR) != 0 ? "W" : "");
    s.append((flags & Tcp.URG) != 0 ? "U" : "").append((flags & Tcp.ACK) != 0 ? "." : "");
    int length = n - Tcp.headerLength(a, t);
    int seq = Tcp.seq(a, t) - stackIsn;
    s.append(' ').append(seq).append(':').append(seq + length).append('(').append(length);
    s.append(')');
    if ((flags & Tcp.ACK) != 0) {
      s.append(" ack ").append(Tcp.ack(a, t) - PEER_ISN);
    }
    s.append(" win ").append(Tcp.window(a, t));
    if ((flags & Tcp.URG) != 0) {
      s.append(" urg ").append(Tcp.urgentPointer(a, t));
    }
    TcpOptions o = new TcpOptions();
    o.parse(a, t + Tcp.MIN_HEADER, t + Tcp.headerLength(a, t));
    return s.append(" <").append(text(o)).append('>').toString();
  }

  private String text(TcpOptions o) {
    StringBuilder s = new StringBuilder();
    s.append(o.mss >= 0 ? ",mss " + o.mss : "").append(o.sackPermitted ? ",sackOK" : "");
    if (o.hasTimestamps) {
      s.append(",TS val ").append(o.tsVal - firstStamp).append(" ecr ").append(o.tsEcr);
    }
    s.append(o.windowScale >= 0 ? ",wscale " + o.windowScale : "");
    if (o.fastOpen != null) {
      s.append(",FO ").append(HexFormat.of().formatHex(o.fastOpen));
    }
    if (o.sackCount > 0) {
      s.append(",sack");
    }
    for (int i = 0; i < o.sackCount; i++) {
      s.append(' ').append(o.sack[2 * i] - PEER_ISN);
      s.append(':').append(o.sack[2 * i + 1] - PEER_ISN);
    }
    return s.isEmpty() ? "" : s.substring(1);
  }

  /** A segment of another flow, straight to the layer. */
  static FlowKey flow(int peerPort) {
    return new FlowKey(STACK, PORT, PEER, peerPort);
  }
}
