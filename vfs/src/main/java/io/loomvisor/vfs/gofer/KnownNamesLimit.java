package io.loomvisor.vfs.gofer;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Bounds what directories know of names that nobody has looked up: beyond {@link #MOST} names those
 * that have learnt theirs longest ago forget them. Belongs to the file system's actor.
 */
final class KnownNamesLimit {
  /** Some 350 bytes each where attributes are known, 60 else. */
  static final int MOST = 256 << 10;

  private final Map<KnownNames, Integer> weights = new LinkedHashMap<>();
  private int total;

  /** {@code names} has learnt something. */
  void learnt(KnownNames names) {
    Integer before = weights.remove(names);
    int now = names.weight();
    weights.put(names, now);
    total += now - (before == null ? 0 : before);
    Iterator<Map.Entry<KnownNames, Integer>> oldest = weights.entrySet().iterator();
    while (total > MOST) {
      Map.Entry<KnownNames, Integer> e = oldest.next();
      if (e.getKey() == names) {
        break;
      }
      total -= e.getValue();
      e.getKey().forget();
      oldest.remove();
    }
  }
}
