package io.loomvisor.net.filter.text;

import io.loomvisor.net.filter.RuleSetBuilder;
import io.loomvisor.net.filter.action.RejectWith;
import io.loomvisor.net.filter.action.Target;
import io.loomvisor.net.nat.NatRange;
import java.util.HashMap;
import java.util.Map;

/** Reads what one rule does. */
final class TargetReader {
  /** Options of targets; true: a value follows. */
  private static final Map<String, Boolean> OPTIONS =
      Map.ofEntries(
          Map.entry("--reject-with", true),
          Map.entry("--log-prefix", true),
          Map.entry("--log-level", true),
          Map.entry("--set-xmark", true),
          Map.entry("--set-mark", true),
          Map.entry("--or-mark", true),
          Map.entry("--and-mark", true),
          Map.entry("--xor-mark", true),
          Map.entry("--notrack", false),
          Map.entry("--to-destination", true),
          Map.entry("--to-source", true),
          Map.entry("--to-ports", true),
          Map.entry("--random", false),
          Map.entry("--random-fully", false),
          Map.entry("--persistent", false));

  private final Words words;
  private final Values values;
  private final RuleSetBuilder set;
  private final Map<String, String> options = new HashMap<>();
  private String name;
  private boolean isGoto;

  TargetReader(Words words, RuleSetBuilder set) {
    this.words = words;
    this.values = new Values(words, set.isV6());
    this.set = set;
  }

  /** True if {@code option} was one of ours. */
  boolean read(String option, boolean negated) {
    boolean jump = option.equals("-j") || option.equals("--jump");
    boolean go = option.equals("-g") || option.equals("--goto");
    if (!jump && !go && !OPTIONS.containsKey(option)) {
      return false;
    }
    if (negated) {
      throw words.wrong(option, "takes no !");
    }
    if (!jump && !go) {
      if (name == null) {
        throw words.wrong(option, "comes before -j");
      }
      options.put(option, OPTIONS.get(option) ? words.next("the value of " + option) : "");
      return true;
    }
    if (name != null) {
      throw words.wrong(option, "a second target");
    }
    name = words.next(go ? "a chain" : "a target");
    isGoto = go;
    return true;
  }

  /** What the rule does; null: it only counts. */
  Target finish(boolean tcp) {
    if (name == null) {
      return null;
    }
    Target t = isGoto ? new Target.Goto(chain()) : target(tcp);
    if (!options.isEmpty()) {
      throw words.wrong(options.keySet().iterator().next(), "not an option of " + name);
    }
    return t;
  }

  private String chain() {
    if (!set.hasChain(name)) {
      throw words.wrong(name, "no chain and no target of this name");
    }
    return name;
  }

  private Target target(boolean tcp) {
    return switch (name) {
      case "ACCEPT" -> Target.ACCEPT;
      case "DROP" -> Target.DROP;
      case "RETURN" -> Target.RETURN;
      case "REJECT" -> reject(tcp);
      case "LOG" -> log();
      case "MARK" -> mark();
      case "NOTRACK" -> new Target.NoTrack();
      case "CT" -> {
        required("--notrack");
        yield new Target.NoTrack();
      }
      case "DNAT" -> new Target.Dnat(choice(values.natRange(required("--to-destination"))));
      case "SNAT" -> new Target.Snat(choice(values.natRange(required("--to-source"))));
      case "MASQUERADE" -> new Target.Masquerade(choice(toPorts()));
      case "REDIRECT" -> new Target.Redirect(choice(toPorts()));
      default -> new Target.Jump(chain());
    };
  }

  private String required(String option) {
    String v = options.remove(option);
    if (v == null) {
      throw words.wrong(name, "needs " + option);
    }
    return v;
  }

  private NatRange toPorts() {
    String p = options.remove("--to-ports");
    return p == null ? NatRange.UNCHANGED : values.natPorts(p);
  }

  private NatRange choice(NatRange r) {
    boolean random = options.remove("--random") != null;
    random |= options.remove("--random-fully") != null;
    boolean persistent = options.remove("--persistent") != null;
    return new NatRange(r.first(), r.last(), r.firstPort(), r.lastPort(), random, persistent);
  }

  private Target reject(boolean tcp) {
    String with = options.remove("--reject-with");
    if (with == null) {
      return new Target.Reject(RejectWith.usual(set.isV6()));
    }
    RejectWith r = RejectWith.of(with);
    if (r == null || !r.fits(set.isV6())) {
      throw words.wrong(with, "not a way to reject");
    }
    if (r == RejectWith.TCP_RESET && !tcp) {
      throw words.wrong(with, "needs -p tcp");
    }
    return new Target.Reject(r);
  }

  private Target log() {
    String prefix = options.remove("--log-prefix");
    String level = options.remove("--log-level");
    int named = level == null ? 4 : Names.level(level);
    int n = named >= 0 ? named : values.number(level, 0L, 7);
    if (prefix != null && prefix.length() > Target.Log.MAX_PREFIX) {
      throw words.wrong(prefix, "longer than " + Target.Log.MAX_PREFIX);
    }
    return new Target.Log(prefix == null ? "" : prefix, n);
  }

  private Target mark() {
    if (options.size() != 1) {
      throw words.wrong(name, "needs one of --set-xmark, --set-mark, --and-mark, --or-mark");
    }
    String option = options.keySet().iterator().next();
    String text = options.remove(option);
    boolean whole = option.equals("--set-xmark") || option.equals("--set-mark");
    if (!whole && text.indexOf('/') >= 0) {
      throw words.wrong(text, "no mask here");
    }
    int[] m = values.mark(text);
    return switch (option) {
      case "--set-xmark" -> new Target.Mark(m[0], m[1]);
      case "--set-mark" -> new Target.Mark(m[0], m[1] | m[0]);
      case "--or-mark" -> new Target.Mark(m[0], m[0]);
      case "--and-mark" -> new Target.Mark(0, ~m[0]);
      case "--xor-mark" -> new Target.Mark(m[0], 0);
      default -> throw words.wrong(option, "not an option of " + name);
    };
  }
}
