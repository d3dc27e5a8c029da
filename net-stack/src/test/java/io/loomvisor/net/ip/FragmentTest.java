package io.loomvisor.net.ip;

import static io.loomvisor.net.ip.Packets.data;
import static io.loomvisor.net.ip.Packets.fragment6;
import static io.loomvisor.net.ip.Packets.hex;
import static io.loomvisor.net.ip.Packets.ipv4;
import static io.loomvisor.net.ip.Packets.ipv6;
import static io.loomvisor.net.ip.Packets.join;
import static io.loomvisor.net.ip.Packets.slice;
import static io.loomvisor.net.ip.Station.HOST4;
import static io.loomvisor.net.ip.Station.HOST6;
import static io.loomvisor.net.ip.Station.PEER4;
import static io.loomvisor.net.ip.Station.PEER6;
import static io.loomvisor.net.ip.Station.PROTOCOL;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.stats.Counter;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.wire.Icmp4;
import io.loomvisor.net.wire.Icmp6;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Ipv4;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Fragments that arrive in any order, twice, overlapping, alone or never completely. */
final class FragmentTest {
  private static final byte[] NO_OPTIONS = new byte[0];
  private final byte[] whole = data(4000);
  private final Station s = Station.onIp();

  @AfterEach
  void sound() {
    s.clock.advance(120 * Clock.SECOND);
    s.sound();
  }

  private void six(int id, int from, int to) {
    six(id, from, to, to < whole.length);
  }

  private void six(int id, int from, int to, boolean more) {
    byte[] f = fragment6(PROTOCOL, from, more, id);
    s.in(ipv6(PEER6, HOST6, IpProtocol.FRAGMENT, 64, f, slice(whole, from, to)));
  }

  private void four(int id, int from, int to) {
    int word = from / 8 | (to < whole.length ? Ipv4.MORE_FRAGMENTS : 0);
    s.in(ipv4(PEER4, HOST4, PROTOCOL, id, word, NO_OPTIONS, slice(whole, from, to)));
  }

  private void expectWhole() {
    assertEquals(1, s.delivered.size());
    assertArrayEquals(whole, s.delivered.removeFirst());
  }

  @Test
  void anyOrderWillDoRfc815() {
    int[][] orders = {{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 3, 0, 2}, {2, 0, 3, 1}};
    int id = 0;
    for (int[] order : orders) {
      for (int i : order) {
        six(id, i * 1000, i * 1000 + 1000);
      }
      expectWhole();
      for (int i : order) {
        four(id, i * 1000, i * 1000 + 1000);
      }
      expectWhole();
      id++;
    }
  }

  @Test
  void aRepeatedFragmentChangesNothingRfc8200Section45() {
    six(1, 0, 2000);
    six(1, 0, 2000);
    six(1, 2000, 4000);
    expectWhole();
    four(1, 2000, 4000);
    four(1, 2000, 4000);
    four(1, 0, 2000);
    expectWhole();
  }

  @Test
  void anOverlapDiscardsTheDatagramRfc5722Section4() {
    for (int[] overlap : new int[][] {{1992, 3000}, {0, 2008}, {8, 1000}, {992, 2008}}) {
      six(2, 0, 1000);
      six(2, 1000, 2000);
      six(2, overlap[0], overlap[1]);
      six(2, 2000, 4000);
      assertEquals(0, s.delivered.size());
      four(2, 0, 1000);
      four(2, 1000, 2000);
      four(2, overlap[0], overlap[1]);
      four(2, 2000, 4000);
      assertEquals(0, s.delivered.size());
      // What came after the overlap waits for the rest of another datagram, in vain.
      s.clock.advance(61 * Clock.SECOND);
    }
    assertEquals(8, s.mib.get(Counter.Ip6_ReasmFails));
    assertEquals(8, s.mib.get(Counter.Ip_ReasmFails));
  }

  @Test
  void twoEndsOrDataBehindTheEndDiscardTheDatagram() {
    six(3, 1000, 2000, false);
    six(3, 0, 1000, false);
    six(4, 1000, 2000, false);
    six(4, 2000, 3000, true);
    six(5, 2000, 3000, true);
    six(5, 1000, 2000, false);
    s.clock.advance(61 * Clock.SECOND);
    assertEquals(1, s.delivered.size(), "the atomic one of 3 only");
    assertEquals(3, s.mib.get(Counter.Ip6_ReasmFails));
  }

  @Test
  void anAtomicFragmentStandsAloneRfc6946Section4() {
    six(7, 0, 1000);
    byte[] f = fragment6(PROTOCOL, 0, false, 7);
    s.in(ipv6(PEER6, HOST6, IpProtocol.FRAGMENT, 64, f, data(50)));
    assertArrayEquals(data(50), s.delivered.removeFirst());
    six(7, 1000, 4000);
    expectWhole();
    s.in(ipv6(PEER6, HOST6, IpProtocol.FRAGMENT, 64, f));
    assertEquals(0, s.delivered.removeFirst().length);
  }

  @Test
  void fragmentsOfDifferentDatagramsAreKeptApartRfc8200Section45() {
    six(1, 0, 2000);
    six(2, 2000, 4000);
    s.in(
        ipv6(
            Station.HOST6,
            HOST6,
            IpProtocol.FRAGMENT,
            64,
            fragment6(PROTOCOL, 2000, false, 1),
            slice(whole, 2000, 4000)));
    assertEquals(0, s.delivered.size());
    // The next header counts in the first fragment only.
    byte[] f = fragment6(IpProtocol.NONE, 2000, false, 1);
    s.in(ipv6(PEER6, HOST6, IpProtocol.FRAGMENT, 64, f, slice(whole, 2000, 4000)));
    expectWhole();
  }

  @Test
  void headersBehindTheFragmentHeaderAreWalkedOnceWhole() {
    byte[] options = join(new byte[] {(byte) PROTOCOL, 0}, hex("01 04 00 00 00 00"));
    byte[] all = join(options, whole);
    int cut = 1008;
    int next = IpProtocol.DESTINATION_OPTIONS;
    byte[] first = fragment6(next, 0, true, 9);
    byte[] last = fragment6(next, cut, false, 9);
    s.in(ipv6(PEER6, HOST6, IpProtocol.FRAGMENT, 64, first, slice(all, 0, cut)));
    s.in(ipv6(PEER6, HOST6, IpProtocol.FRAGMENT, 64, last, slice(all, cut, all.length)));
    expectWhole();
  }

  @Test
  void aFirstFragmentHoldsTheWholeHeaderChainRfc7112Section5() {
    byte[] f = fragment6(IpProtocol.TCP, 0, true, 9);
    s.in(ipv6(PEER6, HOST6, IpProtocol.FRAGMENT, 64, f, new byte[16]));
    expectProblem(Icmp6.PARAM_INCOMPLETE_CHAIN, 0);
  }

  @Test
  void aLengthThatIsNoMultipleOfEightIsReportedRfc8200Section45() {
    six(1, 0, 1001);
    expectProblem(Icmp6.PARAM_HEADER_FIELD, 4);
    int word = Ipv4.MORE_FRAGMENTS;
    s.in(ipv4(PEER4, HOST4, PROTOCOL, 1, word, NO_OPTIONS, data(1001)));
    s.silent();
  }

  @Test
  void whatWouldBeTooLongIsReportedAtTheOffsetRfc8200Section45() {
    byte[] f = fragment6(PROTOCOL, 65_528, true, 1);
    s.in(ipv6(PEER6, HOST6, IpProtocol.FRAGMENT, 64, f, data(8)));
    expectProblem(Icmp6.PARAM_HEADER_FIELD, 42);
    s.in(ipv4(PEER4, HOST4, PROTOCOL, 1, 0x1fff, NO_OPTIONS, data(8)));
    s.silent();
    assertEquals(1, s.mib.get(Counter.Ip_ReasmFails));
  }

  private void expectProblem(int code, int pointer) {
    byte[] m = s.out();
    assertEquals(Icmp6.PARAMETER_PROBLEM, Icmp6.type(m, 40));
    assertEquals(code, Icmp6.code(m, 40));
    assertEquals(pointer, Icmp6.rest(m, 40));
    s.silent();
  }

  @Test
  void aDatagramThatStaysIncompleteIsGivenUpRfc8200Section45Rfc1122Section332() {
    four(1, 0, 1000);
    six(1, 0, 1000);
    four(2, 1000, 2000);
    six(2, 1000, 2000);
    s.clock.advance(29 * Clock.SECOND);
    s.silent();
    s.clock.advance(2 * Clock.SECOND);
    byte[] m = s.out();
    assertEquals(Icmp4.TIME_EXCEEDED, Icmp4.type(m, 20));
    assertEquals(Icmp4.REASSEMBLY_EXCEEDED, Icmp4.code(m, 20));
    s.silent();
    s.clock.advance(30 * Clock.SECOND);
    m = s.out();
    assertEquals(Icmp6.TIME_EXCEEDED, Icmp6.type(m, 40));
    assertEquals(Icmp6.REASSEMBLY_EXCEEDED, Icmp6.code(m, 40));
    // Those without a first fragment are given up in silence.
    s.silent();
    assertEquals(2, s.mib.get(Counter.Ip6_ReasmTimeout));
    assertEquals(2, s.mib.get(Counter.Ip_ReasmTimeout));
  }

  @Test
  void aBombOfFragmentsCostsBoundedMemoryAndOthersStillArrive() {
    for (int id = 0; id < 20_000; id++) {
      four(id, 0, 1000);
      six(id, 0, 1000);
      assertTrue(s.pool.outstanding() <= 2 * Reassembler.MAX_DATAGRAMS);
    }
    for (int id = 100_000; id < 100_400; id++) {
      // Datagrams in crumbs of eight bytes, with holes, so that none overlaps.
      for (int i = 0; i < 240; i++) {
        six(id, i * 16, i * 16 + 8);
      }
    }
    long most = Reassembler.MAX_MEMORY / 2048 + Reassembler.MAX_DATAGRAMS;
    assertTrue(s.pool.outstanding() <= most, "held " + s.pool.outstanding());
    six(30_000, 0, 2000);
    six(30_000, 2000, 4000);
    expectWhole();
  }
}
