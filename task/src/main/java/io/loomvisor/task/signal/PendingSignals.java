package io.loomvisor.task.signal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Pending signals of one thread or of one group: standard signals once, real-time signals queued in
 * order. A signal may be pending without particulars, if there was no place left for them in the
 * user's quota. Plain state, owned by the thread group's actor.
 */
public final class PendingSignals {
  private static final long FAULTS =
      Signal.bit(Signal.SIGSEGV)
          | Signal.bit(Signal.SIGBUS)
          | Signal.bit(Signal.SIGILL)
          | Signal.bit(Signal.SIGTRAP)
          | Signal.bit(Signal.SIGFPE)
          | Signal.bit(Signal.SIGSYS);

  /**
   * @param charge null if it is not counted
   */
  private record Entry(SignalInfo info, SignalQuota.Charge charge) {
    SignalInfo taken() {
      if (charge != null) {
        charge.release();
      }
      return info;
    }
  }

  private final Entry[] standard = new Entry[Signal.SIGRTMIN];
  private final ArrayDeque<Entry> realtime = new ArrayDeque<>();
  private long set;

  /** The signals that are pending. */
  public long set() {
    return set;
  }

  /** Whether another one of that number would merge with one that is pending already. */
  public boolean merges(int signal) {
    return !Signal.realtime(signal) && Signal.in(set, signal);
  }

  /** Adds one; false if it merges with one of the same number that is pending already. */
  public boolean add(SignalInfo info) {
    return add(info, null);
  }

  /** As the shorter form; takes over {@code charge}, given back when the signal leaves. */
  public boolean add(SignalInfo info, SignalQuota.Charge charge) {
    int signal = info.signal();
    if (merges(signal)) {
      if (charge != null) {
        charge.release();
      }
      return false;
    }
    Entry entry = new Entry(info, charge);
    if (Signal.realtime(signal)) {
      realtime.add(entry);
    } else {
      standard[signal] = entry;
    }
    set |= Signal.bit(signal);
    return true;
  }

  /** Makes a signal pending without particulars. */
  public void addBare(int signal) {
    set |= Signal.bit(signal);
  }

  /**
   * Takes the next signal in {@code wanted}: synchronous faults first, then by number (signal(7):
   * lowest first), null if none.
   */
  public SignalInfo take(long wanted) {
    long ready = set & wanted;
    if (ready == 0) {
      return null;
    }
    long faults = ready & FAULTS;
    int signal = Long.numberOfTrailingZeros(faults != 0 ? faults : ready) + 1;
    Entry entry = Signal.realtime(signal) ? takeRealtime(signal) : takeStandard(signal);
    return entry == null ? SignalInfo.from(signal, SignalInfo.SI_USER, 0, 0, 0) : entry.taken();
  }

  /** Those that have particulars. */
  public List<SignalInfo> queued() {
    List<SignalInfo> all = new ArrayList<>();
    for (Entry e : standard) {
      if (e != null) {
        all.add(e.info);
      }
    }
    for (Entry e : realtime) {
      all.add(e.info);
    }
    return all;
  }

  /** Drops everything in {@code unwanted}. */
  public void discard(long unwanted) {
    for (long left = set & unwanted; left != 0; left &= left - 1) {
      int signal = Long.numberOfTrailingZeros(left) + 1;
      if (!Signal.realtime(signal)) {
        Entry entry = takeStandard(signal);
        if (entry != null) {
          entry.taken();
        }
      }
    }
    realtime.removeIf(
        e -> {
          boolean drop = Signal.in(unwanted, e.info.signal());
          if (drop) {
            e.taken();
          }
          return drop;
        });
    set &= ~unwanted;
  }

  private Entry takeStandard(int signal) {
    Entry entry = standard[signal];
    standard[signal] = null;
    set &= ~Signal.bit(signal);
    return entry;
  }

  private Entry takeRealtime(int signal) {
    Entry found = null;
    boolean more = false;
    for (var it = realtime.iterator(); it.hasNext(); ) {
      Entry entry = it.next();
      if (entry.info.signal() == signal) {
        if (found != null) {
          more = true;
          break;
        }
        found = entry;
        it.remove();
      }
    }
    if (!more) {
      set &= ~Signal.bit(signal);
    }
    return found;
  }
}
