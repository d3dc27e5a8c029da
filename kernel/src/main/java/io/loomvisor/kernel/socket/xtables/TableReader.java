package io.loomvisor.kernel.socket.xtables;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.net.filter.Chain;
import io.loomvisor.net.filter.Hook;
import io.loomvisor.net.filter.Rule;
import io.loomvisor.net.filter.RuleSet;
import io.loomvisor.net.filter.TableName;
import io.loomvisor.net.filter.action.Target;
import io.loomvisor.net.filter.match.Match;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes chains and rules of a table's entries. A built-in chain is what lies between its hook's
 * entry and its underflow, whose entry is the policy; a chain of one's own begins behind an ERROR
 * entry with its name, up to the next one; an ERROR entry named ERROR ends the table.
 *
 * <p>As Linux takes any entry for the end of a jump and this only beginnings of chains, which is
 * what iptables makes, others are refused, as are chains that jump in circles: ELOOP. Linux looks
 * only at what can be reached from a hook, and takes two chains of one name.
 */
final class TableReader {
  /** -NF_MAX_VERDICT - 1. */
  private static final int LAST_VERDICT = -6;

  private final TableName name;
  private final Blob blob;
  private final int[] hookEntries;
  private final int[] underflows;

  /** Where a chain's rules begin, to its name. */
  private final Map<Integer, String> heads = new LinkedHashMap<>();

  private final Map<String, List<Rule>> rules = new LinkedHashMap<>();
  private final Map<String, Target> policies = new LinkedHashMap<>();
  private final List<Place> places = new ArrayList<>();

  /**
   * Which rule an entry is.
   *
   * @param chain null: none, it only stands between others
   * @param rule counted in its chain; -1: the policy
   */
  record Place(String chain, int rule) {
    static final Place NONE = new Place(null, 0);
  }

  /** A table that can be installed; {@code places} by entry. */
  record Result(Map<String, Chain> chains, List<Place> places) {}

  private TableReader(TableName name, Blob blob, int[] hookEntries, int[] underflows) {
    this.name = name;
    this.blob = blob;
    this.hookEntries = hookEntries;
    this.underflows = underflows;
  }

  /** By hook as numbered; EINVAL, ELOOP, ENOENT. */
  static Result read(TableName name, Blob blob, int[] hookEntries, int[] underflows) {
    TableReader r = new TableReader(name, blob, hookEntries, underflows);
    r.findChains();
    try {
      r.readRules();
      Map<String, Chain> chains = new LinkedHashMap<>();
      r.rules.forEach((n, all) -> chains.put(n, new Chain(n, r.policies.get(n), all, 0, 0)));
      Result result = new Result(chains, List.copyOf(r.places));
      // Whatever is built is sound; this is where jumps and places of targets are looked at.
      new RuleSet(blob.layout().v6(), Map.of(name, chains));
      return result;
    } catch (IllegalArgumentException e) {
      boolean circle = e.getMessage() != null && e.getMessage().contains("jump");
      throw circle ? Errno.ELOOP.exception() : Refused.invalid(e.getMessage());
    }
  }

  private void findChains() {
    for (Hook h : name.hooks()) {
      Blob.Entry head = blob.at(hookEntries[h.ordinal()]);
      Blob.Entry policy = blob.at(underflows[h.ordinal()]);
      if (head == null || policy == null || policy.at() < head.at()) {
        throw Errno.EINVAL.exception();
      }
      if (heads.put(head.at(), h.name()) != null) {
        throw Errno.EINVAL.exception();
      }
      rules.put(h.name(), new ArrayList<>());
    }
    List<Blob.Entry> all = blob.entries();
    for (Blob.Entry e : all) {
      if (isError(e) && e.index() + 1 < all.size()) {
        String chain = Extension.text(e.target().data(), 0, XtAbi.XT_FUNCTION_MAXNAMELEN);
        if (rules.putIfAbsent(chain, new ArrayList<>()) != null) {
          throw Errno.EEXIST.exception();
        }
        heads.put(e.end(), chain);
      }
    }
    if (all.isEmpty() || !isError(all.getLast())) {
      throw Errno.EINVAL.exception();
    }
  }

  private static boolean isError(Blob.Entry e) {
    return e.target().name().equals(XtAbi.ERROR_TARGET);
  }

  private void readRules() {
    String chain = null;
    for (Blob.Entry e : blob.entries()) {
      String begins = heads.get(e.at());
      if (begins != null) {
        chain = begins;
      }
      if (isError(e)) {
        chain = null;
        places.add(Place.NONE);
        continue;
      }
      if (chain == null) {
        throw Refused.invalid("an entry outside of all chains");
      }
      if (isUnderflow(chain, e)) {
        policies.put(chain, policy(e));
        places.add(new Place(chain, -1));
        chain = null;
        continue;
      }
      List<Rule> rulesOfChain = rules.get(chain);
      places.add(new Place(chain, rulesOfChain.size()));
      rulesOfChain.add(rule(e));
    }
    if (policies.size() < name.hooks().size()) {
      throw Errno.EINVAL.exception();
    }
  }

  private boolean isUnderflow(String chain, Blob.Entry e) {
    for (Hook h : name.hooks()) {
      if (h.name().equals(chain)) {
        return underflows[h.ordinal()] == e.at();
      }
    }
    return false;
  }

  /** check_underflow: it asks nothing, and accepts or drops. */
  private Target policy(Blob.Entry e) {
    boolean asks = !e.matches().isEmpty() || !HeaderReader.read(blob, e).isEmpty();
    boolean standard = e.target().name().equals(XtAbi.STANDARD_TARGET);
    int verdict = standard ? e.target().i32(0) : 0;
    if (asks || verdict != XtAbi.VERDICT_ACCEPT && verdict != XtAbi.VERDICT_DROP) {
      throw Errno.EINVAL.exception();
    }
    return verdict == XtAbi.VERDICT_ACCEPT ? Target.ACCEPT : Target.DROP;
  }

  private Rule rule(Blob.Entry e) {
    List<Match> matches = new ArrayList<>(HeaderReader.read(blob, e));
    e.matches().forEach(m -> matches.addAll(MatchReader.read(m)));
    Target target =
        e.target().name().equals(XtAbi.STANDARD_TARGET)
            ? verdict(e)
            : TargetReader.read(e.target(), blob.layout().v6());
    return new Rule(matches, target, 0, 0);
  }

  private Target verdict(Blob.Entry e) {
    int v = e.target().i32(0);
    boolean goes = (blob.u8(e, blob.layout().flags) & blob.layout().gotoFlag) != 0;
    return switch (v) {
      case XtAbi.VERDICT_ACCEPT -> Target.ACCEPT;
      case XtAbi.VERDICT_DROP -> Target.DROP;
      case XtAbi.VERDICT_RETURN -> Target.RETURN;
      default -> {
        if (v < LAST_VERDICT) {
          throw Errno.EINVAL.exception();
        }
        if (v < 0) {
          throw Refused.missing("verdict " + v + " (QUEUE)");
        }
        // A rule without a target is a jump to the next one (libiptc: iptcc_compile_chain).
        if (v == e.end() && !heads.containsKey(v)) {
          yield null;
        }
        String to = heads.get(v);
        if (to == null) {
          // As of all that mark_source_chains cannot follow.
          throw Errno.ELOOP.exception();
        }
        yield goes ? new Target.Goto(to) : new Target.Jump(to);
      }
    };
  }
}
