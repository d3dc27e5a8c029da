package io.loomvisor.net.filter;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.NetStack;
import io.loomvisor.net.actor.Mailbox;
import io.loomvisor.net.buffer.PacketBuffer;
import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.filter.action.RejectWith;
import io.loomvisor.net.filter.action.Target;
import io.loomvisor.net.filter.match.AddressType;
import io.loomvisor.net.filter.match.ConntrackState.State;
import io.loomvisor.net.filter.match.Ports.Side;
import io.loomvisor.net.ip.Packets;
import io.loomvisor.net.link.PipeLink;
import io.loomvisor.net.time.Clock;
import io.loomvisor.net.time.VirtualClock;
import io.loomvisor.net.wire.Checksum;
import io.loomvisor.net.wire.Icmp4;
import io.loomvisor.net.wire.Icmp6;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import io.loomvisor.net.wire.Ipv4;
import io.loomvisor.net.wire.Ipv6;
import io.loomvisor.net.wire.Tcp;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Rules at work, packet by packet: the test writes into eth0 (192.0.2.0/24) of a router whose other
 * interface is veth7 (10.0.0.0/24), and sees what comes out of both.
 */
final class FilterTest {
  private static final IpAddress PEER = IpAddress.parse("192.0.2.9");
  private static final IpAddress HOST = IpAddress.parse("192.0.2.1");
  private static final IpAddress INSIDE = IpAddress.parse("10.0.0.2");
  private static final IpAddress PEER6 = IpAddress.parse("2001:db8::9");
  private static final IpAddress INSIDE6 = IpAddress.parse("fd00::2");

  private final VirtualClock clock = new VirtualClock();
  private final PacketPool pool = new PacketPool();
  private final PipeLink[] near = PipeLink.ip(1500);
  private final PipeLink[] far = PipeLink.ip(1500);
  private final ArrayDeque<byte[]> answers = new ArrayDeque<>();
  private final ArrayDeque<byte[]> passed = new ArrayDeque<>();
  private final NetStack router =
      NetStack.builder()
          .clock(clock)
          .pool(pool)
          .duplicateDetection(false)
          .forwarding(true)
          .link("eth0", near[0])
          .address("192.0.2.1/24")
          .address("2001:db8::1/64")
          .link("veth7", far[0])
          .address("10.0.0.1/24")
          .address("fd00::1/64")
          .build();

  FilterTest() {
    catchPackets(near[1], answers);
    catchPackets(far[1], passed);
  }

  private static void catchPackets(PipeLink link, ArrayDeque<byte[]> into) {
    link.attach(
        p -> {
          into.add(Arrays.copyOfRange(p.array(), p.start(), p.end()));
          p.release();
        });
  }

  @AfterEach
  void sound() {
    assertNull(Mailbox.takeFailure());
    assertEquals(0, pool.outstanding());
  }

  private void in(byte[] packet) {
    PacketBuffer p = pool.acquire(packet.length);
    p.append(packet, 0, packet.length);
    near[1].write(p);
  }

  private static byte[] udp(int from, int to) {
    return udp(PEER, from, INSIDE, to);
  }

  private static byte[] udp(IpAddress from, int fromPort, IpAddress to, int toPort) {
    byte[] u = Packets.udp(from, fromPort, to, toPort, new byte[8]);
    return from.v6()
        ? Packets.ipv6(from, to, IpProtocol.UDP, 64, u)
        : Packets.ipv4(from, to, IpProtocol.UDP, u);
  }

  private static byte[] tcp(int flags, int to, int length) {
    byte[] t = new byte[Tcp.MIN_HEADER + length];
    Tcp.write(t, 0, Tcp.MIN_HEADER, 1000, to, 7000, 0, flags, 1000, 0);
    Tcp.writeChecksum(t, 0, t.length, Checksum.pseudo(PEER, INSIDE, IpProtocol.TCP, t.length));
    return Packets.ipv4(PEER, INSIDE, IpProtocol.TCP, t);
  }

  private boolean passes(byte[] packet) {
    in(packet);
    boolean is = !passed.isEmpty();
    passed.clear();
    return is;
  }

  /** FORWARD drops what the rule's questions say yes to. */
  private void dropIf(UnaryOperator<RuleBuilder> questions) {
    RuleSetBuilder b = RuleSet.ipv4().table(TableName.FILTER);
    router.firewall().install(questions.apply(b.rule("FORWARD")).drop().build());
  }

  @Test
  void prefixesInterfacesAndProtocols() {
    dropIf(r -> r.source("192.0.2.8/31"));
    assertTrue(!passes(udp(1, 2)));
    dropIf(r -> r.not().source("192.0.2.8/31"));
    assertTrue(passes(udp(1, 2)));
    dropIf(r -> r.destination("10.0.0.3"));
    assertTrue(passes(udp(1, 2)));
    dropIf(r -> r.destination("0.0.0.0/0"));
    assertTrue(!passes(udp(1, 2)));
    dropIf(r -> r.in("eth0").out("veth+"));
    assertTrue(!passes(udp(1, 2)));
    dropIf(r -> r.out("veth"));
    assertTrue(passes(udp(1, 2)));
    dropIf(r -> r.not().out("veth7"));
    assertTrue(passes(udp(1, 2)));
    dropIf(r -> r.tcp());
    assertTrue(passes(udp(1, 2)) && !passes(tcp(Tcp.SYN, 80, 0)));
    dropIf(r -> r.not().tcp());
    assertTrue(!passes(udp(1, 2)) && passes(tcp(Tcp.SYN, 80, 0)));
  }

  @Test
  void portsAndFlags() {
    dropIf(r -> r.udp().port(53));
    assertTrue(!passes(udp(1, 53)) && passes(udp(53, 1)));
    dropIf(r -> r.udp().sourcePort(53));
    assertTrue(passes(udp(1, 53)) && !passes(udp(53, 1)));
    dropIf(r -> r.udp().not().ports(Side.DESTINATION, 50, 60));
    assertTrue(passes(udp(1, 50)) && passes(udp(1, 60)) && !passes(udp(1, 61)));
    dropIf(r -> r.udp().multiport(Side.EITHER, 7, 9));
    assertTrue(!passes(udp(1, 9)) && !passes(udp(7, 1)) && passes(udp(8, 8)));
    dropIf(r -> r.tcp().syn());
    assertTrue(!passes(tcp(Tcp.SYN, 80, 0)) && passes(tcp(Tcp.SYN | Tcp.ACK, 80, 0)));
    dropIf(r -> r.tcp().not().syn());
    assertTrue(passes(tcp(Tcp.SYN | Tcp.PSH, 80, 0)) && !passes(tcp(Tcp.ACK, 80, 0)));
    dropIf(r -> r.tcpFlags(0xff, Tcp.FIN | Tcp.URG));
    assertTrue(!passes(tcp(Tcp.FIN | Tcp.URG, 80, 0)) && passes(tcp(Tcp.FIN, 80, 0)));
  }

  @Test
  void laterFragmentsHaveNoPorts() {
    byte[] f = Packets.ipv4(PEER, INSIDE, IpProtocol.UDP, 9, 100, new byte[0], new byte[64]);
    dropIf(r -> r.udp().not().port(53));
    assertTrue(passes(f), "neither yes nor no");
    dropIf(r -> r.udp());
    assertTrue(!passes(f));
  }

  @Test
  void icmpTypesAndCodes() {
    byte[] echo = Packets.ipv4(PEER, INSIDE, IpProtocol.ICMP, Packets.icmp4(8, 0, 1, new byte[8]));
    dropIf(r -> r.icmp().icmpType(8, -1));
    assertTrue(!passes(echo));
    dropIf(r -> r.icmp().icmpType(8, 1));
    assertTrue(passes(echo));
    dropIf(r -> r.icmp().not().icmpType(8, 0));
    assertTrue(passes(echo));
  }

  @Test
  void addressTypesMarksAndWhatTheProgramAsks() {
    dropIf(r -> r.destinationType(AddressType.Type.LOCAL));
    assertTrue(passes(udp(1, 2)));
    dropIf(r -> r.not().destinationType(AddressType.Type.LOCAL, AddressType.Type.BROADCAST));
    assertTrue(!passes(udp(1, 2)));
    List<String> asked = new ArrayList<>();
    dropIf(r -> r.when("mine", s -> asked.add(s.source() + ">" + s.destination())));
    assertTrue(!passes(udp(1, 2)));
    assertEquals(List.of(PEER + ">" + INSIDE), asked);
    RuleSet marks =
        RuleSet.ipv4()
            .table(TableName.MANGLE)
            .rule("PREROUTING")
            .udp()
            .setMark(0x4000, 0x4000)
            .table(TableName.FILTER)
            .rule("FORWARD")
            .mark(0x4000, 0x4000)
            .drop()
            .build();
    router.firewall().install(marks);
    assertTrue(!passes(udp(1, 2)) && passes(tcp(Tcp.SYN, 80, 0)));
  }

  @Test
  void limitsLetABurstThroughAndThenARate() {
    RuleSetBuilder b = RuleSet.ipv4().table(TableName.FILTER).policy("FORWARD", Target.DROP);
    router.firewall().install(b.rule("FORWARD").limit(2, Clock.SECOND, 3).accept().build());
    int n = 0;
    for (int i = 0; i < 10; i++) {
      n += passes(udp(1, 2)) ? 1 : 0;
    }
    assertEquals(3, n);
    clock.advance(Clock.SECOND);
    for (int i = 0; i < 10; i++) {
      n += passes(udp(1, 2)) ? 1 : 0;
    }
    assertEquals(5, n);
  }

  @Test
  void oneInThreeByCountingAndByChance() {
    dropIf(r -> r.nth(3, 1));
    StringBuilder s = new StringBuilder();
    for (int i = 0; i < 7; i++) {
      s.append(passes(udp(1, 2)) ? '-' : 'x');
    }
    assertEquals("-x--x--", s.toString());
    dropIf(r -> r.probability(0.25));
    int dropped = 0;
    for (int i = 0; i < 4000; i++) {
      dropped += passes(udp(1, 2)) ? 0 : 1;
    }
    assertTrue(dropped > 800 && dropped < 1200, "dropped " + dropped);
  }

  @Test
  void chainsAreEnteredLeftAndCounted() {
    RuleSet rules =
        RuleSet.ipv4()
            .table(TableName.FILTER)
            .policy("FORWARD", Target.DROP)
            .chain("A")
            .chain("B")
            .chain("C")
            .rule("FORWARD")
            .udp()
            .jump("A")
            .rule("FORWARD")
            .udp()
            .port(3)
            .accept()
            .rule("A")
            .port(1)
            .goTo("B")
            .rule("A")
            .port(2)
            .jump("C")
            .rule("A")
            .port(2)
            .accept()
            .rule("A")
            .port(3)
            .goBack()
            .rule("A")
            .accept()
            .rule("B")
            .count()
            .rule("C")
            .port(2)
            .goBack()
            .rule("C")
            .drop()
            .build();
    router.firewall().install(rules);
    assertTrue(!passes(udp(9, 1)), "goto: back to FORWARD, whose policy drops");
    assertTrue(passes(udp(9, 2)), "jump: back to A");
    assertTrue(passes(udp(9, 3)));
    assertTrue(passes(udp(9, 4)));
    Counters c = router.firewall().counters(false);
    int size = udp(9, 1).length;
    assertEquals(new Counters.Count(4, 4L * size), c.rule(TableName.FILTER, "FORWARD", 0));
    assertEquals(new Counters.Count(1, size), c.rule(TableName.FILTER, "B", 0));
    assertEquals(new Counters.Count(0, 0), c.rule(TableName.FILTER, "C", 1));
    assertEquals(new Counters.Count(1, size), c.policy(TableName.FILTER, "FORWARD"));
    assertEquals(1, router.firewall().dropped());
    Counters before = router.firewall().install(RuleSet.none(false));
    assertEquals(4, before.rule(TableName.FILTER, "FORWARD", 0).packets());
    assertTrue(passes(udp(9, 1)));
  }

  @Test
  void refusalsAnswerAsTheRuleSays() {
    RuleSetBuilder b = RuleSet.ipv4().table(TableName.FILTER);
    router
        .firewall()
        .install(
            b.rule("FORWARD")
                .tcp()
                .reject(RejectWith.TCP_RESET)
                .rule("FORWARD")
                .reject(RejectWith.ICMP_ADMIN_PROHIBITED)
                .build());
    assertTrue(!passes(udp(1, 2)));
    byte[] e = answers.poll();
    assertEquals(HOST, IpAddress.read(e, 12, false));
    assertEquals(Icmp4.UNREACHABLE, Icmp4.type(e, 20));
    assertEquals(13, Icmp4.code(e, 20));
    assertEquals(INSIDE, IpAddress.read(e, 28 + 16, false), "what is quoted");
    assertTrue(!passes(tcp(Tcp.SYN, 80, 10)));
    byte[] r = answers.poll();
    assertEquals(INSIDE, IpAddress.read(r, 12, false), "as if the host had answered");
    assertEquals(Tcp.RST | Tcp.ACK, Tcp.flags(r, 20));
    assertEquals(7011, Tcp.ack(r, 20));
    assertTrue(
        Checksum.valid(Checksum.add(Checksum.pseudo(INSIDE, PEER, IpProtocol.TCP, 20), r, 20, 20)));
    assertTrue(!passes(tcp(Tcp.RST, 80, 0)));
    assertNull(answers.poll(), "nothing answers a reset");
  }

  @Test
  void ipv6IsFilteredByItsOwnRules() {
    RuleSetBuilder b = RuleSet.ipv6().table(TableName.FILTER);
    router
        .firewall()
        .install(b.rule("FORWARD").source("2001:db8::/64").udp().port(2).reject().build());
    assertTrue(passes(udp(1, 2)));
    assertTrue(passes(udp(PEER6, 1, INSIDE6, 3)));
    assertTrue(!passes(udp(PEER6, 1, INSIDE6, 2)));
    byte[] e = answers.poll();
    assertEquals(Icmp6.UNREACHABLE, Icmp6.type(e, Ipv6.HEADER));
    assertEquals(Icmp6.PORT_UNREACHABLE, Icmp6.code(e, Ipv6.HEADER));
  }

  @Test
  void statesLetAnswersIn() {
    RuleSet rules =
        RuleSet.ipv4()
            .table(TableName.FILTER)
            .policy("FORWARD", Target.DROP)
            .rule("FORWARD")
            .state(State.ESTABLISHED, State.RELATED)
            .accept()
            .rule("FORWARD")
            .in("veth7")
            .state(State.NEW)
            .accept()
            .build();
    router.firewall().install(rules);
    assertTrue(!passes(udp(53, 5000)));
    byte[] ask = udp(INSIDE, 5000, PEER, 53);
    PacketBuffer p = pool.acquire(ask.length);
    p.append(ask, 0, ask.length);
    far[1].write(p);
    assertEquals(64 - 1, Ipv4.ttl(answers.poll(), 0));
    assertTrue(passes(udp(53, 5000)));
    assertTrue(!passes(udp(54, 5000)), "filtering is by address and port (RFC 4787 REQ-8)");
    byte[] error = Packets.icmp4(3, 3, 0, ask);
    assertTrue(passes(Packets.ipv4(PEER, INSIDE, IpProtocol.ICMP, error)));
    router.firewall().install(RuleSet.none(false));
    assertEquals(0, router.firewall().connectionCount(), "nobody asks any more");
  }

  @Test
  void whatIsNotTrackedIsSaid() {
    RuleSet rules =
        RuleSet.ipv4()
            .table(TableName.RAW)
            .rule("PREROUTING")
            .udp()
            .port(2)
            .notrack()
            .table(TableName.FILTER)
            .rule("FORWARD")
            .state(State.UNTRACKED)
            .drop()
            .build();
    router.firewall().install(rules);
    assertTrue(!passes(udp(1, 2)) && passes(udp(1, 3)));
    assertEquals(1, router.firewall().connectionCount());
    router.firewall().forgetConnections();
  }

  @Test
  void logsAreLikeLinux() {
    List<String> lines = new ArrayList<>();
    router.firewall().onLog(lines::add);
    RuleSetBuilder b = RuleSet.ipv4().table(TableName.FILTER);
    router.firewall().install(b.rule("FORWARD").log("seen: ").build());
    assertTrue(passes(udp(1, 2)));
    assertTrue(passes(tcp(Tcp.SYN, 80, 0)));
    assertEquals(
        "seen: IN=eth0 OUT=veth7 SRC=192.0.2.9 DST=10.0.0.2 LEN=36 TTL=63 PROTO=UDP SPT=1 DPT=2",
        lines.get(0));
    assertTrue(lines.get(1).endsWith("PROTO=TCP SPT=1000 DPT=80 WINDOW=1000 SYN"), lines.get(1));
  }

  @Test
  void ownPacketsPassOutputAndInput() {
    RuleSetBuilder b = RuleSet.ipv4().table(TableName.FILTER);
    router
        .firewall()
        .install(
            b.rule("INPUT")
                .udp()
                .port(7)
                .drop()
                .rule("OUTPUT")
                .icmp()
                .icmpType(3, 3)
                .drop()
                .build());
    in(udp(PEER, 1, HOST, 8));
    assertNull(answers.poll(), "port unreachable does not get out");
    in(Packets.ipv4(PEER, HOST, IpProtocol.ICMP, Packets.icmp4(8, 0, 1, new byte[8])));
    assertEquals(Icmp4.ECHO_REPLY, Icmp4.type(answers.poll(), 20));
    in(udp(PEER, 1, HOST, 7));
    Counters c = router.firewall().counters(false);
    assertEquals(1, c.rule(TableName.FILTER, "INPUT", 0).packets());
    assertEquals(1, c.rule(TableName.FILTER, "OUTPUT", 0).packets());
  }

  @Test
  void whatCannotWorkCannotBeBuilt() {
    refused(b -> b.table(TableName.FILTER).rule("FORWARD").jump("NOWHERE"));
    refused(b -> b.table(TableName.FILTER).rule("FORWARD").jump("INPUT"));
    refused(b -> b.table(TableName.FILTER).chain("A").rule("A").jump("A"));
    refused(
        b ->
            b.table(TableName.FILTER)
                .chain("A")
                .chain("B")
                .rule("A")
                .jump("B")
                .rule("B")
                .goTo("A"));
    refused(b -> b.table(TableName.FILTER).rule("FORWARD").masquerade());
    refused(b -> b.table(TableName.NAT).rule("PREROUTING").masquerade());
    refused(
        b ->
            b.table(TableName.NAT)
                .chain("A")
                .rule("PREROUTING")
                .jump("A")
                .rule("A")
                .snat("10.0.0.1"));
    refused(b -> b.table(TableName.NAT).rule("PREROUTING").dnat("fd00::1"));
    refused(b -> b.table(TableName.FILTER).rule("INPUT").out("eth0").drop());
    refused(b -> b.table(TableName.FILTER).rule("FORWARD").reject(RejectWith.ICMP6_NO_ROUTE));
    refused(b -> b.table(TableName.NAT).policy("PREROUTING", Target.DROP));
    refused(b -> b.table(TableName.FILTER).rule("FORWARD").source("fd00::/8").drop());
    refused(b -> b.table(TableName.FILTER).chain("x".repeat(29)));
  }

  private static void refused(UnaryOperator<RuleSetBuilder> what) {
    assertThrows(IllegalArgumentException.class, () -> what.apply(RuleSet.ipv4()).build());
  }

  @Test
  void packetsThatWaitAreBounded() {
    List<String> asked = new ArrayList<>();
    byte[] p = udp(1, 2);
    RuleSetBuilder b = RuleSet.ipv4().table(TableName.FILTER);
    // While the first is looked at, twice as many come as may wait.
    b.rule("FORWARD")
        .state(State.NEW, State.ESTABLISHED)
        .when(
            "mine",
            s -> {
              asked.add("");
              for (int i = 0; asked.size() == 1 && i < 2 * Firewall.MAX_WAITING; i++) {
                in(p);
              }
              return true;
            })
        .drop();
    router.firewall().install(b.build());
    in(p);
    assertEquals(1 + Firewall.MAX_WAITING, asked.size());
    assertEquals(Firewall.MAX_WAITING, router.firewall().overflowed());
  }

  @Test
  void withoutRulesNothingIsAsked() {
    List<String> asked = new ArrayList<>();
    dropIf(r -> r.when("mine", s -> asked.add("")));
    assertTrue(!passes(udp(1, 2)));
    router.firewall().install(RuleSet.ipv4().table(TableName.FILTER).table(TableName.NAT).build());
    assertTrue(passes(udp(1, 2)));
    assertEquals(1, asked.size());
    assertTrue(router.firewall().rules(false).isEmpty());
  }
}
