package io.loomvisor.net.conntrack;

import io.loomvisor.net.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/**
 * Confirmed connections by both of their tuples, and a wheel of seconds from which they expire. A
 * packet that makes a connection live longer only writes a number; the wheel notices when it comes
 * by. One that is to end sooner moves at once.
 */
final class ConnectionTable {
  /** Slots of a second each; what lasts longer is looked at once a turn. */
  private static final int SLOTS = 512;

  private final Map<Tuple, Connection> byTuple = new HashMap<>();

  /** In order of age; those that give way when the table is full. */
  private final LinkedHashSet<Connection> unassured = new LinkedHashSet<>();

  private final Connection[] wheel = new Connection[SLOTS];

  /** The second up to which the wheel has turned. */
  private long turned;

  private int size;

  ConnectionTable(long now) {
    turned = now / Clock.SECOND;
  }

  int size() {
    return size;
  }

  /** Either direction's; null if there is none. */
  Connection find(Tuple t) {
    return byTuple.get(t);
  }

  /** True if another connection has packets of this tuple, in either direction. */
  boolean isTaken(Tuple t, Connection except) {
    Connection c = byTuple.get(t);
    return c != null && c != except;
  }

  /** False if another has one of its tuples. */
  boolean insert(Connection c, long now) {
    if (isTaken(c.original(), c) || isTaken(c.reply(), c)) {
      return false;
    }
    byTuple.put(c.original(), c);
    byTuple.put(c.reply(), c);
    unassured.add(c);
    c.confirm();
    size++;
    if (size == 1) {
      turned = now / Clock.SECOND;
    }
    place(c);
    return true;
  }

  void remove(Connection c) {
    if (byTuple.remove(c.original(), c)) {
      byTuple.remove(c.reply(), c);
      unassured.remove(c);
      unlink(c);
      size--;
    }
  }

  void assure(Connection c) {
    if (!c.assured()) {
      c.assure();
      unassured.remove(c);
    }
  }

  /** Takes away the oldest that is not assured; false if there is none. */
  boolean dropEarly() {
    Iterator<Connection> oldest = unassured.iterator();
    if (!oldest.hasNext()) {
      return false;
    }
    remove(oldest.next());
    return true;
  }

  /** Lets {@code c} live until {@code deadline} from now on. */
  void expireAt(Connection c, long deadline) {
    boolean sooner = deadline < c.expiresAt;
    c.expiresAt = deadline;
    if (sooner && c.slot >= 0) {
      unlink(c);
      place(c);
    }
  }

  /** Turns the wheel to {@code now}; returns how many connections ended. */
  int turn(long now) {
    long target = now / Clock.SECOND;
    long from = Math.max(turned, target - SLOTS);
    int ended = 0;
    for (long s = from + 1; s <= target; s++) {
      turned = s;
      ended += empty((int) (s % SLOTS), now);
    }
    turned = target;
    return ended;
  }

  private int empty(int slot, long now) {
    Connection c = wheel[slot];
    wheel[slot] = null;
    int ended = 0;
    while (c != null) {
      Connection next = c.next;
      c.next = null;
      c.previous = null;
      c.slot = -1;
      if (c.expiresAt <= now) {
        remove(c);
        ended++;
      } else {
        place(c);
      }
      c = next;
    }
    return ended;
  }

  private void place(Connection c) {
    long second = (c.expiresAt + Clock.SECOND - 1) / Clock.SECOND;
    long at = Math.min(Math.max(second, turned + 1), turned + SLOTS - 1);
    int slot = (int) (at % SLOTS);
    c.slot = slot;
    c.previous = null;
    c.next = wheel[slot];
    if (c.next != null) {
      c.next.previous = c;
    }
    wheel[slot] = c;
  }

  private void unlink(Connection c) {
    if (c.slot < 0) {
      return;
    }
    if (c.previous == null) {
      wheel[c.slot] = c.next;
    } else {
      c.previous.next = c.next;
    }
    if (c.next != null) {
      c.next.previous = c.previous;
    }
    c.next = null;
    c.previous = null;
    c.slot = -1;
  }

  List<Connection> all() {
    Collection<Connection> twice = byTuple.values();
    return new ArrayList<>(new LinkedHashSet<>(twice));
  }

  void clear() {
    all().forEach(this::remove);
  }
}
