package io.loomvisor.net.tcp;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.socket.SocketOption;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Sequences of segments that are nearly right, and calls of the application in between: nothing is
 * thrown inside the stack, and in the end nothing is left of it.
 */
final class SegmentFuzzTest {
  private static final String[] FLAGS = {
    ".", "P.", ".", "P.", ".", "F.", "S", "S.", "R", "R.", "F", "U.", "PU.", "SF", "SR", "FPU."
  };

  private final byte[] buffer = new byte[20_000];

  @Test
  void connectionsSurviveAnySequence() {
    int ends = 0;
    for (int seed = 0; seed < 400; seed++) {
      ends += run(seed);
    }
    assertTrue(ends > 40, "ended " + ends);
  }

  private int run(int seed) {
    Random r = new Random(seed);
    Script s = new Script();
    TcpEndpoint listener = s.listener(4);
    TcpEndpoint e = open(s, listener, r);
    e.setOption(SocketOption.TCP_USER_TIMEOUT, r.nextBoolean() ? 0 : 5000);
    if (r.nextBoolean()) {
      e.setOption(SocketOption.TCP_NODELAY, 1);
    }
    int sent = 1;
    int next = 1;
    for (int step = 0; step < 300 && e.state() != State.CLOSED; step++) {
      switch (r.nextInt(8)) {
        case 0 -> sent += Math.max(0, e.write(buffer, 0, r.nextInt(5000), r.nextBoolean()));
        case 1 -> e.read(buffer, 0, r.nextInt(20_000));
        case 2 -> s.after(r.nextInt(r.nextInt(10) == 0 ? 100_000 : 300));
        case 3 -> call(e, r);
        default -> next = inject(s, r, sent, next);
      }
      s.sound();
      s.drop();
      assertTrue(s.pool.outstanding() == 0, "seed " + seed);
    }
    boolean ended = e.state() == State.CLOSED;
    e.close();
    listener.close();
    s.after(4_000_000);
    s.drop();
    assertEquals(0, s.tcp.connections(), "seed " + seed);
    assertEquals(0, s.pool.outstanding(), "seed " + seed);
    return ended ? 1 : 0;
  }

  private static TcpEndpoint open(Script s, TcpEndpoint listener, Random r) {
    String options =
        switch (r.nextInt(4)) {
          case 0 -> "mss 1000";
          case 1 -> "mss 1000,sackOK";
          case 2 -> "mss 1460,sackOK,TS val 100 ecr 0,wscale 7";
          default -> "mss 100,TS val 100 ecr 0";
        };
    return s.accepted(listener, options, 1 + r.nextInt(65_535));
  }

  private void call(TcpEndpoint e, Random r) {
    switch (r.nextInt(30)) {
      case 0 -> e.shutdown(false, true);
      case 1 -> e.shutdown(true, false);
      case 2 -> e.writeUrgent(buffer, 0, 1 + r.nextInt(100));
      case 3 -> e.readUrgent(r.nextBoolean());
      case 4 -> e.setOption(SocketOption.TCP_CORK, r.nextInt(2));
      case 5 -> e.setOption(SocketOption.SO_RCVBUF, r.nextInt(100_000));
      case 6 -> e.setOption(SocketOption.TCP_QUICKACK, r.nextInt(2));
      case 7 -> e.setOption(SocketOption.SO_KEEPALIVE, r.nextInt(2));
      case 8 -> e.setOption(SocketOption.SO_OOBINLINE, r.nextInt(2));
      case 9 -> e.congestionControl(r.nextBoolean() ? "reno" : "cubic");
      case 10 -> e.setOption(SocketOption.TCP_MAXSEG, 88 + r.nextInt(2000));
      case 11 -> e.info().toBytes();
      default -> e.peek(buffer, 0, r.nextInt(1000));
    }
  }

  private static int inject(Script s, Random r, int sent, int next) {
    String flags = FLAGS[r.nextInt(r.nextInt(4) == 0 ? FLAGS.length : 5)];
    int length = flags.startsWith("S") ? 0 : r.nextInt(r.nextInt(5) == 0 ? 1400 : 300);
    int seq =
        switch (r.nextInt(6)) {
          case 0 -> next + r.nextInt(3000) - 1000;
          case 1 -> r.nextInt();
          default -> next;
        };
    int ack = r.nextInt(8) == 0 ? r.nextInt() : 1 + (sent > 1 ? r.nextInt(sent) : 0);
    StringBuilder t = new StringBuilder(flags);
    t.append(' ').append(seq).append(':').append(seq).append('(').append(length).append(')');
    t.append(" ack ").append(ack).append(" win ").append(r.nextInt(65_536));
    if (flags.contains("U")) {
      t.append(" urg ").append(r.nextInt(2000));
    }
    t.append(" <");
    int left = 1 + r.nextInt(Math.max(sent, 1));
    switch (r.nextInt(4)) {
      case 0 -> t.append("TS val ").append(100 + r.nextInt(50)).append(" ecr last");
      case 1 -> t.append("sack ").append(left).append(':').append(left + r.nextInt(3000));
      case 2 ->
          t.append("sack ")
              .append(r.nextInt())
              .append(':')
              .append(r.nextInt())
              .append(' ')
              .append(left)
              .append(':')
              .append(left + 1000);
      default -> {}
    }
    s.in(t.append('>').toString());
    return seq == next && length > 0 ? next + length : next;
  }
}
