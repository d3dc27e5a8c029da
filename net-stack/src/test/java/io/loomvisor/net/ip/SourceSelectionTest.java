package io.loomvisor.net.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.loomvisor.net.buffer.PacketPool;
import io.loomvisor.net.link.LoopbackLink;
import io.loomvisor.net.link.PipeLink;
import io.loomvisor.net.stats.Mib;
import io.loomvisor.net.time.VirtualClock;
import io.loomvisor.net.wire.IpAddress;
import org.junit.jupiter.api.Test;

/** Which of a host's addresses a packet carries. */
final class SourceSelectionTest {
  private final IpLayer ip = new IpLayer(new VirtualClock(), new PacketPool(), new Mib(), false);
  private final Nic out = ip.addNic("eth0", PipeLink.ip(1500)[0]);
  private final Nic other = ip.addNic("eth1", PipeLink.ip(1500)[0]);

  private void address(Nic nic, String a) {
    String[] parts = a.split("/");
    ip.addAddress(nic, IpAddress.parse(parts[0]), Integer.parseInt(parts[1]));
  }

  private void deprecate(Nic nic, String a) {
    InterfaceAddress.State state = InterfaceAddress.State.DEPRECATED;
    ip.putAddress(nic, new InterfaceAddress(IpAddress.parse(a), 64, state));
  }

  private void expect(String source, String destination) {
    IpAddress chosen = ip.sourceOn(out, IpAddress.parse(destination));
    assertEquals(IpAddress.parse(source), chosen, destination);
  }

  /** The examples of RFC 6724 section 10.1, as far as they are about the rules this stack has. */
  @Test
  void examplesOfRfc6724Section101() {
    address(out, "2001:db8:1::1/64");
    address(out, "fe80::1/64");
    expect("2001:db8:1::1", "2001:db8:1::2");
    expect("2001:db8:1::1", "ff05::1");
    expect("fe80::1", "fe80::2");
    expect("fe80::1", "ff02::1");
    deprecate(out, "2001:db8:1::1");
    expect("2001:db8:1::1", "2001:db8:2::1");
  }

  @Test
  void rule1TheDestinationItself() {
    address(out, "2001:db8:1::1/64");
    address(out, "2001:db8:1::2/64");
    ip.addAddress(ip.addNic("lo", new LoopbackLink()), IpAddress.LOOPBACK6, 128);
    IpAddress own = IpAddress.parse("2001:db8:1::2");
    assertEquals(own, ip.path(own, null, 0).source());
  }

  @Test
  void rule2AppropriateScope() {
    address(out, "fe80::1/64");
    address(out, "2001:db8:1::1/64");
    expect("2001:db8:1::1", "2001:db9::1");
    expect("2001:db8:1::1", "ff0e::1");
    expect("fe80::1", "ff01::1");
  }

  @Test
  void rule3AvoidDeprecated() {
    address(out, "2001:db8:1::1/64");
    address(out, "2001:db8:2::1/64");
    deprecate(out, "2001:db8:1::1");
    expect("2001:db8:2::1", "2001:db8:1::5");
  }

  @Test
  void rule5TheOutgoingInterfaceUnlessItsScopeIsTooSmall() {
    address(other, "2001:db8:1::1/64");
    address(out, "2001:db8:2::1/64");
    expect("2001:db8:2::1", "2001:db8:1::5");
    ip.removeAddress(out, IpAddress.parse("2001:db8:2::1"));
    address(out, "fe80::1/64");
    expect("2001:db8:1::1", "2001:db8:9::5");
    expect("fe80::1", "fe80::5");
    expect("fe80::1", "ff02::5");
  }

  @Test
  void rule6MatchingLabel() {
    address(out, "2001:db8:1::1/64");
    address(out, "fd00:1::1/64");
    address(out, "2002:c633:6401::1/48");
    expect("fd00:1::1", "fdff::1");
    expect("2002:c633:6401::1", "2002:1234::1");
    expect("2001:db8:1::1", "2a00::1");
  }

  @Test
  void rule8LongestPrefixButNoFurtherThanItsOwn() {
    address(out, "2001:db8:1::1/64");
    address(out, "2001:db8:3::1/64");
    expect("2001:db8:3::1", "2001:db8:3:1::5");
    address(out, "2001:db8:1::8/64");
    // Both match 64 bits of it; which of them the interface identifier resembles does not count.
    expect("2001:db8:1::1", "2001:db8:1::9");
  }

  @Test
  void withoutAnAddressThereIsNoSource() {
    assertNull(ip.sourceOn(out, IpAddress.parse("2001:db8::1")));
    assertNull(ip.sourceOn(out, IpAddress.parse("10.0.0.1")));
    address(out, "10.0.0.1/24");
    assertNull(ip.sourceOn(out, IpAddress.parse("2001:db8::1")));
  }

  @Test
  void ipv4TakesTheSubnetOfTheNextHopRfc1122Section3343() {
    address(out, "10.0.0.1/24");
    address(out, "10.0.1.1/24");
    address(out, "169.254.0.1/16");
    expect("10.0.1.1", "10.0.1.9");
    expect("10.0.0.1", "10.0.0.9");
    expect("169.254.0.1", "169.254.3.3");
    ip.addRoute(Route.toDefault(IpAddress.parse("10.0.1.254"), out.id()));
    IpAddress far = IpAddress.parse("8.8.8.8");
    assertEquals(IpAddress.parse("10.0.1.1"), ip.path(far, null, 0).source());
  }
}
