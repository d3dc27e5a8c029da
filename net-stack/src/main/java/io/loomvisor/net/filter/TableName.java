package io.loomvisor.net.filter;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** The tables, in the order in which a hook asks them. */
public enum TableName {
  RAW(Hook.PREROUTING, Hook.OUTPUT),
  MANGLE(Hook.PREROUTING, Hook.INPUT, Hook.FORWARD, Hook.OUTPUT, Hook.POSTROUTING),
  NAT(Hook.PREROUTING, Hook.INPUT, Hook.OUTPUT, Hook.POSTROUTING),
  FILTER(Hook.INPUT, Hook.FORWARD, Hook.OUTPUT);

  private final Set<Hook> hooks;

  TableName(Hook first, Hook... more) {
    hooks = EnumSet.of(first, more);
  }

  /** Where it has a built-in chain. */
  public Set<Hook> hooks() {
    return hooks;
  }

  /** As iptables spells it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
