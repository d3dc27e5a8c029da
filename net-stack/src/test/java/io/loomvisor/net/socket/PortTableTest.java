package io.loomvisor.net.socket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.loomvisor.net.socket.PortTable.Binding;
import io.loomvisor.net.socket.PortTable.Use;
import io.loomvisor.net.wire.IpAddress;
import org.junit.jupiter.api.Test;

final class PortTableTest {
  private static final IpAddress A = IpAddress.parse("10.0.0.1");
  private static final IpAddress B = IpAddress.parse("10.0.0.2");
  private final PortTable t = new PortTable();

  private static Binding bound(IpAddress a) {
    return new Binding(a, false, false, false, 0, Use.BOUND);
  }

  @Test
  void differentAddressesShareAPort() {
    assertTrue(t.take(80, bound(A)));
    assertTrue(t.take(80, bound(B)));
    assertFalse(t.take(80, bound(A)));
    assertFalse(t.take(80, bound(IpAddress.ANY4)));
    assertFalse(t.take(80, bound(IpAddress.ANY6)));
    assertTrue(t.take(80, new Binding(IpAddress.ANY6, true, false, false, 0, Use.BOUND)));
    assertTrue(t.take(81, bound(IpAddress.ANY4)));
  }

  @Test
  void differentInterfacesShareAPort() {
    assertTrue(t.take(80, new Binding(IpAddress.ANY4, false, false, false, 1, Use.BOUND)));
    assertTrue(t.take(80, new Binding(IpAddress.ANY4, false, false, false, 2, Use.BOUND)));
    assertFalse(t.take(80, bound(A)));
  }

  @Test
  void connectionsShareAPortTheyWereGiven() {
    Binding c = bound(A).as(Use.CONNECTED);
    assertTrue(t.take(40_000, c));
    assertTrue(t.take(40_000, c));
    assertFalse(t.take(40_000, bound(A)));
    t.give(40_000, c);
    t.give(40_000, c);
    assertEquals(0, t.size());
    assertTrue(t.take(40_000, bound(A)));
    assertFalse(t.take(40_000, c));
  }

  @Test
  void onlyOneOfThoseThatReuseTheAddressListens() {
    Binding b = bound(A).sharing(true, false);
    assertTrue(t.take(80, b));
    assertTrue(t.take(80, b));
    assertTrue(t.change(80, b, b.as(Use.LISTENING)));
    assertFalse(t.change(80, b, b.as(Use.LISTENING)));
    assertFalse(t.take(80, b));
    t.give(80, b.as(Use.LISTENING));
    assertTrue(t.change(80, b, b.as(Use.LISTENING)));
  }
}
