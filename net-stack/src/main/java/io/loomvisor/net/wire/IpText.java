package io.loomvisor.net.wire;

import java.util.ArrayList;
import java.util.List;

/** Addresses as text: dotted quads, and RFC 4291 section 2.2 in, RFC 5952 out. */
final class IpText {
  private IpText() {}

  static IpAddress parse(String text) {
    return text.indexOf(':') >= 0 ? parse6(text) : IpAddress.v4(parse4(text));
  }

  private static int parse4(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      throw bad(text);
    }
    int v = 0;
    for (String p : parts) {
      if (p.isEmpty() || p.length() > 3 || !p.chars().allMatch(c -> c >= '0' && c <= '9')) {
        throw bad(text);
      }
      int b = Integer.parseInt(p);
      if (b > 255) {
        throw bad(text);
      }
      v = v << 8 | b;
    }
    return v;
  }

  private static IpAddress parse6(String text) {
    int gap = text.indexOf("::");
    if (gap >= 0 && text.indexOf("::", gap + 1) >= 0) {
      throw bad(text);
    }
    List<Integer> head = groups(gap < 0 ? text : text.substring(0, gap), text);
    List<Integer> rest = gap < 0 ? List.of() : groups(text.substring(gap + 2), text);
    int given = head.size() + rest.size();
    if (gap < 0 ? given != 8 : given > 7) {
      throw bad(text);
    }
    long hi = 0;
    long lo = 0;
    for (int i = 0; i < 8; i++) {
      int fromEnd = 8 - i;
      long g =
          i < head.size()
              ? head.get(i)
              : fromEnd <= rest.size() ? rest.get(rest.size() - fromEnd) : 0;
      if (i < 4) {
        hi = hi << 16 | g;
      } else {
        lo = lo << 16 | g;
      }
    }
    return IpAddress.v6(hi, lo);
  }

  private static List<Integer> groups(String part, String whole) {
    List<Integer> out = new ArrayList<>(8);
    if (part.isEmpty()) {
      return out;
    }
    String[] groups = part.split(":", -1);
    for (int i = 0; i < groups.length; i++) {
      String g = groups[i];
      if (i == groups.length - 1 && g.indexOf('.') >= 0) {
        int v = parse4(g);
        out.add(v >>> 16);
        out.add(v & 0xffff);
      } else {
        if (g.isEmpty()
            || g.length() > 4
            || !g.chars().allMatch(c -> Character.digit(c, 16) >= 0 && c < 128)) {
          throw bad(whole);
        }
        out.add(Integer.parseInt(g, 16));
      }
    }
    return out;
  }

  static String format(IpAddress a) {
    if (!a.v6()) {
      long v = a.lo();
      return (v >>> 24) + "." + (v >>> 16 & 255) + "." + (v >>> 8 & 255) + "." + (v & 255);
    }
    if (a.isMapped()) {
      return "::ffff:" + format(a.unmapped());
    }
    int[] g = new int[8];
    for (int i = 0; i < 8; i++) {
      g[i] = (int) ((i < 4 ? a.hi() : a.lo()) >>> (48 - 16 * (i & 3))) & 0xffff;
    }
    return compress(g);
  }

  private static String compress(int[] g) {
    int best = -1;
    int bestLength = 1;
    for (int i = 0; i < 8; i++) {
      int n = 0;
      while (i + n < 8 && g[i + n] == 0) {
        n++;
      }
      if (n > bestLength) {
        best = i;
        bestLength = n;
      }
    }
    StringBuilder s = new StringBuilder(39);
    for (int i = 0; i < 8; i++) {
      if (i == best) {
        s.append("::");
        i += bestLength - 1;
        continue;
      }
      if (!s.isEmpty() && s.charAt(s.length() - 1) != ':') {
        s.append(':');
      }
      s.append(Integer.toHexString(g[i]));
    }
    return s.toString();
  }

  private static IllegalArgumentException bad(String text) {
    return new IllegalArgumentException("not an IP address: " + text);
  }
}
