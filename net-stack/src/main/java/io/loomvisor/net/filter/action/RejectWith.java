package io.loomvisor.net.filter.action;

import io.loomvisor.net.wire.Icmp4;
import io.loomvisor.net.wire.Icmp6;

/** How REJECT answers, under iptables' names. */
public enum RejectWith {
  ICMP_NET_UNREACHABLE("icmp-net-unreachable", false, Icmp4.UNREACHABLE, 0),
  ICMP_HOST_UNREACHABLE("icmp-host-unreachable", false, Icmp4.UNREACHABLE, 1),
  ICMP_PROTO_UNREACHABLE("icmp-proto-unreachable", false, Icmp4.UNREACHABLE, 2),
  ICMP_PORT_UNREACHABLE("icmp-port-unreachable", false, Icmp4.UNREACHABLE, 3),
  ICMP_NET_PROHIBITED("icmp-net-prohibited", false, Icmp4.UNREACHABLE, 9),
  ICMP_HOST_PROHIBITED("icmp-host-prohibited", false, Icmp4.UNREACHABLE, 10),
  ICMP_ADMIN_PROHIBITED("icmp-admin-prohibited", false, Icmp4.UNREACHABLE, 13),
  ICMP6_NO_ROUTE("icmp6-no-route", true, Icmp6.UNREACHABLE, 0),
  ICMP6_ADM_PROHIBITED("icmp6-adm-prohibited", true, Icmp6.UNREACHABLE, 1),
  ICMP6_ADDR_UNREACHABLE("icmp6-addr-unreachable", true, Icmp6.UNREACHABLE, 3),
  ICMP6_PORT_UNREACHABLE("icmp6-port-unreachable", true, Icmp6.UNREACHABLE, 4),
  ICMP6_POLICY_FAIL("icmp6-policy-fail", true, Icmp6.UNREACHABLE, 5),
  ICMP6_REJECT_ROUTE("icmp6-reject-route", true, Icmp6.UNREACHABLE, 6),
  TCP_RESET("tcp-reset", false, -1, 0);

  private final String text;
  private final boolean v6;
  private final int type;
  private final int code;

  RejectWith(String text, boolean v6, int type, int code) {
    this.text = text;
    this.v6 = v6;
    this.type = type;
    this.code = code;
  }

  public String text() {
    return text;
  }

  public int type() {
    return type;
  }

  public int code() {
    return code;
  }

  public boolean fits(boolean six) {
    return this == TCP_RESET || v6 == six;
  }

  /** What REJECT means without an option. */
  public static RejectWith usual(boolean v6) {
    return v6 ? ICMP6_PORT_UNREACHABLE : ICMP_PORT_UNREACHABLE;
  }

  /** Null if there is none of that name. */
  public static RejectWith of(String text) {
    for (RejectWith r : values()) {
      if (r.text.equals(text)) {
        return r;
      }
    }
    return null;
  }
}
