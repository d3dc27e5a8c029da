package io.loomvisor.kernel.socket.xtables;

import io.loomvisor.net.filter.match.Interface;
import io.loomvisor.net.filter.match.Match;
import io.loomvisor.net.filter.match.Prefix;
import io.loomvisor.net.filter.match.Protocol;
import io.loomvisor.net.wire.IpAddress;
import java.util.ArrayList;
import java.util.List;

/** What the header of an entry asks: addresses, interfaces, protocol (struct ipt_ip, ip6t_ip6). */
final class HeaderReader {
  private HeaderReader() {}

  static List<Match> read(Blob blob, Blob.Entry e) {
    EntryLayout l = blob.layout();
    byte[] h = blob.header(e);
    int inverted = h[l.inverted] & 0xff;
    List<Match> all = new ArrayList<>();
    address(l, h, 0, (inverted & XtAbi.INV_SRCIP) != 0, true, all);
    address(l, h, l.addressSize, (inverted & XtAbi.INV_DSTIP) != 0, false, all);
    iface(h, l.interfaces, (inverted & XtAbi.INV_VIA_IN) != 0, true, all);
    int out = l.interfaces + EntryLayout.INTERFACE_SIZE;
    iface(h, out, (inverted & XtAbi.INV_VIA_OUT) != 0, false, all);
    int protocol = blob.u16(e, l.protocol);
    boolean not = (inverted & XtAbi.INV_PROTO) != 0;
    if (protocol != 0) {
      all.add(new Protocol(protocol, not));
    } else if (not) {
      throw Refused.invalid("no protocol, negated");
    }
    int unknown = l.v6() ? XtAbi.IP6T_F_TOS : XtAbi.IPT_F_FRAG;
    boolean others = (inverted & ~KNOWN) != 0;
    if ((h[l.flags] & unknown) != 0 || others) {
      throw Refused.missing(l.v6() ? "traffic class in the header" : "fragments (-f)");
    }
    return all;
  }

  private static final int KNOWN =
      XtAbi.INV_SRCIP | XtAbi.INV_DSTIP | XtAbi.INV_VIA_IN | XtAbi.INV_VIA_OUT | XtAbi.INV_PROTO;

  private static void address(
      EntryLayout l, byte[] h, int at, boolean not, boolean source, List<Match> all) {
    IpAddress a = IpAddress.read(h, at, l.v6());
    IpAddress mask = IpAddress.read(h, at + 2 * l.addressSize, l.v6());
    int length = l.v6() ? bits(mask.hi(), mask.lo()) : bits(mask.lo() << 32, 0);
    IpAddress ones = l.v6() ? IpAddress.v6(-1, -1) : IpAddress.v4(-1);
    if (!ones.masked(length).equals(mask)) {
      throw Refused.missing("a mask that is no prefix: " + mask);
    }
    if (length > 0 || not) {
      all.add(new Prefix(source, a, length, not));
    }
  }

  /** Ones at the beginning. */
  private static int bits(long hi, long lo) {
    int first = Long.numberOfLeadingZeros(~hi);
    return first < Long.SIZE ? first : first + Long.numberOfLeadingZeros(~lo);
  }

  /** The mask covers the name and its end, or only the beginning of names that are wanted. */
  private static void iface(byte[] h, int at, boolean not, boolean in, List<Match> all) {
    int masks = at + 2 * EntryLayout.INTERFACE_SIZE;
    int covered = 0;
    while (covered < EntryLayout.INTERFACE_SIZE && h[masks + covered] != 0) {
      covered++;
    }
    if (covered == 0) {
      if (not) {
        throw Refused.invalid("no interface, negated");
      }
      return;
    }
    StringBuilder name = new StringBuilder();
    for (int i = 0; i < covered && h[at + i] != 0; i++) {
      name.append((char) (h[at + i] & 0xff));
    }
    if (name.length() == covered) {
      name.append('+');
    }
    all.add(new Interface(in, name.toString(), not));
  }
}
