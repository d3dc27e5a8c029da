package io.loomvisor.net.filter.text;

import io.loomvisor.net.filter.match.Ports;
import io.loomvisor.net.nat.NatRange;
import io.loomvisor.net.wire.IpAddress;
import java.util.ArrayList;
import java.util.List;

/** Values of options as rules are read; what is wrong with one names it. */
final class Values {
  private final Words words;
  private final boolean v6;

  Values(Words words, boolean v6) {
    this.words = words;
    this.v6 = v6;
  }

  /** Decimal, or hexadecimal with 0x. */
  int number(String text, long least, long most) {
    try {
      long n = Long.decode(text);
      if (n >= least && n <= most && !text.startsWith("+")) {
        return (int) n;
      }
    } catch (NumberFormatException e) {
      throw words.wrong(text, "not a number");
    }
    throw words.wrong(text, "not between " + least + " and " + most);
  }

  int number(String what, int least, int most) {
    return number(words.next(what), (long) least, most);
  }

  /** Value and mask of a mark; without a mask all bits. */
  int[] mark(String text) {
    int slash = text.indexOf('/');
    int value = number(slash < 0 ? text : text.substring(0, slash), 0L, 0xffff_ffffL);
    int mask = slash < 0 ? -1 : number(text.substring(slash + 1), 0L, 0xffff_ffffL);
    return new int[] {value, mask};
  }

  IpAddress address(String text) {
    IpAddress a;
    try {
      a = IpAddress.parse(text);
    } catch (IllegalArgumentException e) {
      throw words.wrong(text, "not an address");
    }
    if (a.v6() != v6) {
      throw words.wrong(text, "an address of the other IP version");
    }
    return a;
  }

  record PrefixText(IpAddress address, int length) {}

  PrefixText prefix(String text) {
    if (text.indexOf(',') >= 0) {
      throw words.wrong(text, "several addresses in one rule are not supported");
    }
    int slash = text.indexOf('/');
    if (slash < 0) {
      IpAddress a = address(text);
      return new PrefixText(a, a.bits());
    }
    IpAddress a = address(text.substring(0, slash));
    String length = text.substring(slash + 1);
    if (length.indexOf('.') < 0 && length.indexOf(':') < 0) {
      return new PrefixText(a, number(length, 0L, a.bits()));
    }
    IpAddress mask = address(length);
    for (int n = 0; n <= a.bits(); n++) {
      IpAddress ones = v6 ? IpAddress.v6(-1, -1) : IpAddress.BROADCAST4;
      if (ones.masked(n).equals(mask)) {
        return new PrefixText(a, n);
      }
    }
    throw words.wrong(text, "a mask with holes is not supported");
  }

  Ports.Range ports(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      int p = number(text, 0L, 65_535);
      return new Ports.Range(p, p);
    }
    String from = text.substring(0, colon);
    String to = text.substring(colon + 1);
    int first = from.isEmpty() ? 0 : number(from, 0L, 65_535);
    int last = to.isEmpty() ? 65_535 : number(to, 0L, 65_535);
    if (first > last) {
      throw words.wrong(text, "a range that ends before it begins");
    }
    return new Ports.Range(first, last);
  }

  List<Ports.Range> portList(String text) {
    List<Ports.Range> all = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      all.add(ports(part));
    }
    return all;
  }

  /** {@code 80-90} of a translation. */
  NatRange natPorts(String text) {
    int dash = text.indexOf('-');
    int first = number(dash < 0 ? text : text.substring(0, dash), 1L, 65_535);
    int last = dash < 0 ? first : number(text.substring(dash + 1), 1L, 65_535);
    if (first > last) {
      throw words.wrong(text, "a range that ends before it begins");
    }
    return NatRange.ports(first, last);
  }

  /** {@code 10.0.0.1-10.0.0.9:80-90}, {@code [fd00::1]:80}, {@code :80} and parts of them. */
  NatRange natRange(String text) {
    String addresses = text;
    NatRange ports = NatRange.UNCHANGED;
    int close = text.lastIndexOf(']');
    boolean onlyPorts = text.startsWith(":") && text.indexOf(':', 1) < 0;
    int colon = onlyPorts ? 0 : v6 && close < 0 ? -1 : text.indexOf(':', Math.max(close, 0));
    if (colon >= 0) {
      ports = natPorts(text.substring(colon + 1));
      addresses = text.substring(0, colon);
    }
    if (addresses.isEmpty()) {
      return ports;
    }
    int dash = addresses.indexOf('-');
    IpAddress first = address(plain(dash < 0 ? addresses : addresses.substring(0, dash)));
    IpAddress last = dash < 0 ? first : address(plain(addresses.substring(dash + 1)));
    try {
      return new NatRange(first, last, ports.firstPort(), ports.lastPort(), false, false);
    } catch (IllegalArgumentException e) {
      throw words.wrong(text, e.getMessage());
    }
  }

  private static String plain(String a) {
    return a.startsWith("[") && a.endsWith("]") ? a.substring(1, a.length() - 1) : a;
  }
}
