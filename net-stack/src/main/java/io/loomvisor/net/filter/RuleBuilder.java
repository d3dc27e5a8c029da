package io.loomvisor.net.filter;

import io.loomvisor.net.filter.action.RejectWith;
import io.loomvisor.net.filter.action.Target;
import io.loomvisor.net.filter.match.AddressType;
import io.loomvisor.net.filter.match.Comment;
import io.loomvisor.net.filter.match.ConntrackState;
import io.loomvisor.net.filter.match.Icmp;
import io.loomvisor.net.filter.match.Interface;
import io.loomvisor.net.filter.match.Limit;
import io.loomvisor.net.filter.match.MarkIs;
import io.loomvisor.net.filter.match.Match;
import io.loomvisor.net.filter.match.OwnTest;
import io.loomvisor.net.filter.match.Ports;
import io.loomvisor.net.filter.match.Prefix;
import io.loomvisor.net.filter.match.Protocol;
import io.loomvisor.net.filter.match.Statistic;
import io.loomvisor.net.filter.match.TcpFlags;
import io.loomvisor.net.filter.match.Test;
import io.loomvisor.net.nat.NatRange;
import io.loomvisor.net.wire.IpAddress;
import io.loomvisor.net.wire.IpProtocol;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** One rule: what it asks, with {@link #not} before what is to be otherwise, then what it does. */
public final class RuleBuilder {
  private final RuleSetBuilder set;
  private final String chain;
  private final boolean v6;
  private final List<Match> matches = new ArrayList<>();
  private boolean negated;

  RuleBuilder(RuleSetBuilder set, String chain, boolean v6) {
    this.set = set;
    this.chain = chain;
    this.v6 = v6;
  }

  /** Turns the next question round. */
  public RuleBuilder not() {
    negated = true;
    return this;
  }

  private boolean takeNegation() {
    boolean n = negated;
    negated = false;
    return n;
  }

  public RuleBuilder match(Match m) {
    if (negated) {
      throw new IllegalStateException("not() before a match that is given as it is");
    }
    matches.add(m);
    return this;
  }

  /** An address, or a prefix as {@code 10.0.0.0/8}. */
  public RuleBuilder source(String prefix) {
    return match(prefix(true, prefix));
  }

  public RuleBuilder destination(String prefix) {
    return match(prefix(false, prefix));
  }

  private Prefix prefix(boolean source, String text) {
    int slash = text.indexOf('/');
    IpAddress a = IpAddress.parse(slash < 0 ? text : text.substring(0, slash));
    if (a.v6() != v6) {
      throw new IllegalArgumentException(text + " is of the other IP version");
    }
    int length = slash < 0 ? a.bits() : Integer.parseInt(text.substring(slash + 1));
    return new Prefix(source, a, length, takeNegation());
  }

  /** Comes in by this interface; {@code veth+}: by one whose name begins so. */
  public RuleBuilder in(String name) {
    return match(new Interface(true, name, takeNegation()));
  }

  public RuleBuilder out(String name) {
    return match(new Interface(false, name, takeNegation()));
  }

  public RuleBuilder protocol(int number) {
    return match(new Protocol(number, takeNegation()));
  }

  public RuleBuilder tcp() {
    return protocol(IpProtocol.TCP);
  }

  public RuleBuilder udp() {
    return protocol(IpProtocol.UDP);
  }

  public RuleBuilder icmp() {
    return protocol(v6 ? IpProtocol.ICMPV6 : IpProtocol.ICMP);
  }

  public RuleBuilder sourcePort(int port) {
    return ports(Ports.Side.SOURCE, port, port);
  }

  /** The destination's. */
  public RuleBuilder port(int port) {
    return ports(Ports.Side.DESTINATION, port, port);
  }

  public RuleBuilder ports(Ports.Side side, int first, int last) {
    List<Ports.Range> one = List.of(new Ports.Range(first, last));
    return match(new Ports(side, one, side == Ports.Side.EITHER, takeNegation()));
  }

  /** Any of several. */
  public RuleBuilder multiport(Ports.Side side, int... ports) {
    List<Ports.Range> all = Arrays.stream(ports).mapToObj(p -> new Ports.Range(p, p)).toList();
    return match(new Ports(side, all, true, takeNegation()));
  }

  /** A SYN without ACK, FIN and RST. */
  public RuleBuilder syn() {
    TcpFlags f = TcpFlags.SYN_ALONE;
    return match(new TcpFlags(f.mask(), f.set(), takeNegation()));
  }

  public RuleBuilder tcpFlags(int mask, int set) {
    return match(new TcpFlags(mask, set, takeNegation()));
  }

  /** {@code code} -1: any. */
  public RuleBuilder icmpType(int type, int code) {
    return match(new Icmp(type, code, takeNegation()));
  }

  public RuleBuilder state(ConntrackState.State... states) {
    return match(new ConntrackState(Set.of(states), takeNegation()));
  }

  public RuleBuilder sourceType(AddressType.Type... types) {
    return match(new AddressType(true, Set.of(types), false, takeNegation()));
  }

  public RuleBuilder destinationType(AddressType.Type... types) {
    return match(new AddressType(false, Set.of(types), false, takeNegation()));
  }

  public RuleBuilder mark(int value, int mask) {
    return match(new MarkIs(value, mask, takeNegation()));
  }

  public RuleBuilder limit(int count, long nanos, int burst) {
    return match(new Limit(count, nanos, burst));
  }

  public RuleBuilder probability(double p) {
    return match(Statistic.Random.of(p, takeNegation()));
  }

  public RuleBuilder nth(int every, int packet) {
    return match(new Statistic.Nth(every, packet, takeNegation()));
  }

  public RuleBuilder comment(String text) {
    return match(new Comment(text));
  }

  /** A question of the program's own; {@code name} is for listings. */
  public RuleBuilder when(String name, Test test) {
    return match(new OwnTest(name, test));
  }

  public RuleSetBuilder target(Target t) {
    if (negated) {
      throw new IllegalStateException("not() before what a rule does");
    }
    return set.add(chain, new Rule(matches, t, 0, 0));
  }

  public RuleSetBuilder accept() {
    return target(Target.ACCEPT);
  }

  public RuleSetBuilder drop() {
    return target(Target.DROP);
  }

  public RuleSetBuilder goBack() {
    return target(Target.RETURN);
  }

  public RuleSetBuilder jump(String to) {
    return target(new Target.Jump(to));
  }

  public RuleSetBuilder goTo(String to) {
    return target(new Target.Goto(to));
  }

  public RuleSetBuilder reject() {
    return reject(RejectWith.usual(v6));
  }

  public RuleSetBuilder reject(RejectWith with) {
    return target(new Target.Reject(with));
  }

  public RuleSetBuilder log(String prefix) {
    return target(new Target.Log(prefix, 4));
  }

  public RuleSetBuilder setMark(int value, int mask) {
    return target(new Target.Mark(value, mask));
  }

  public RuleSetBuilder notrack() {
    return target(new Target.NoTrack());
  }

  public RuleSetBuilder dnat(String address) {
    return target(new Target.Dnat(NatRange.of(IpAddress.parse(address))));
  }

  public RuleSetBuilder dnat(String address, int port) {
    return target(new Target.Dnat(NatRange.of(IpAddress.parse(address), port)));
  }

  public RuleSetBuilder snat(String address) {
    return target(new Target.Snat(NatRange.of(IpAddress.parse(address))));
  }

  public RuleSetBuilder masquerade() {
    return target(new Target.Masquerade(NatRange.UNCHANGED));
  }

  public RuleSetBuilder redirect(int port) {
    return target(new Target.Redirect(NatRange.ports(port, port)));
  }

  /** Only counts. */
  public RuleSetBuilder count() {
    return target(null);
  }
}
