package io.loomvisor.kernel.strace;

import java.util.ArrayList;
import java.util.List;

/** Names of the values that one argument takes. */
sealed interface Names {
  void append(StringBuilder out, long value);

  /** Exactly one of the names, e.g. SEEK_SET. */
  static Names choice(String prefix, String... namesWithValues) {
    return new Choice(prefix, parse(namesWithValues));
  }

  /**
   * Any number of the names, joined by bars. A name may stand for several bits; those come first.
   *
   * @param prefix of an unknown rest's comment, e.g. "MAP_"
   */
  static Names flags(String prefix, String... namesWithValues) {
    return new Flags(prefix, parse(namesWithValues));
  }

  /** One name and what it stands for. */
  record Name(long value, String text) {}

  /** "NAME value" in C's notation: decimal, 0x hexadecimal, 0 octal. */
  private static List<Name> parse(String... namesWithValues) {
    List<Name> names = new ArrayList<>(namesWithValues.length);
    for (String s : namesWithValues) {
      int space = s.indexOf(' ');
      names.add(new Name(Long.decode(s.substring(space + 1)), s.substring(0, space)));
    }
    return List.copyOf(names);
  }

  /** See {@link #choice}. */
  record Choice(String prefix, List<Name> names) implements Names {
    String find(long value) {
      for (Name n : names) {
        if (n.value == value) {
          return n.text;
        }
      }
      return null;
    }

    @Override
    public void append(StringBuilder out, long value) {
      String name = find(value);
      if (name != null) {
        out.append(name);
      } else {
        out.append("0x")
            .append(Long.toHexString(value))
            .append(" /* ")
            .append(prefix)
            .append("??? */");
      }
    }
  }

  /** See {@link #flags}. */
  record Flags(String prefix, List<Name> names) implements Names {
    @Override
    public void append(StringBuilder out, long value) {
      if (!appendKnown(out, value, "") && value == 0) {
        out.append('0');
      }
    }

    /** Names the bits, with {@code separator} before the first; whether anything was printed. */
    boolean appendKnown(StringBuilder out, long value, String separator) {
      long rest = value;
      String bar = separator;
      for (Name n : names) {
        boolean zero = n.value == 0 && value == 0;
        if (zero || (n.value != 0 && (rest & n.value) == n.value)) {
          out.append(bar).append(n.text);
          bar = "|";
          rest &= ~n.value;
        }
      }
      if (rest != 0) {
        out.append(bar).append("0x").append(Long.toHexString(rest));
        if (rest == value) {
          out.append(" /* ").append(prefix).append("??? */");
        }
        bar = "|";
      }
      return !bar.equals(separator);
    }
  }
}
