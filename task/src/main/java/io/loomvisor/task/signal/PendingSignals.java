package io.loomvisor.task.signal;

import java.util.ArrayDeque;

/**
 * Pending signals of one thread or of one group: standard signals once, real-time signals queued in
 * order. Plain state, owned by the thread group's actor.
 */
public final class PendingSignals {
  private final SignalInfo[] standard = new SignalInfo[Signal.SIGRTMIN];
  private final ArrayDeque<SignalInfo> realtime = new ArrayDeque<>();
  private long set;

  /** The signals that are pending. */
  public long set() {
    return set;
  }

  public int queued() {
    return realtime.size();
  }

  /** Adds one; false if it merges with one of the same number that is pending already. */
  public boolean add(SignalInfo info) {
    int signal = info.signal();
    if (Signal.realtime(signal)) {
      realtime.add(info);
    } else if (Signal.in(set, signal)) {
      return false;
    } else {
      standard[signal] = info;
    }
    set |= Signal.bit(signal);
    return true;
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
    long faults =
        ready
            & (Signal.bit(Signal.SIGSEGV)
                | Signal.bit(Signal.SIGBUS)
                | Signal.bit(Signal.SIGILL)
                | Signal.bit(Signal.SIGTRAP)
                | Signal.bit(Signal.SIGFPE)
                | Signal.bit(Signal.SIGSYS));
    int signal = Long.numberOfTrailingZeros(faults != 0 ? faults : ready) + 1;
    return Signal.realtime(signal) ? takeRealtime(signal) : takeStandard(signal);
  }

  /** Drops everything in {@code unwanted}. */
  public void discard(long unwanted) {
    realtime.removeIf(i -> Signal.in(unwanted, i.signal()));
    set &= ~unwanted;
  }

  private SignalInfo takeStandard(int signal) {
    SignalInfo info = standard[signal];
    standard[signal] = null;
    set &= ~Signal.bit(signal);
    return info;
  }

  private SignalInfo takeRealtime(int signal) {
    SignalInfo found = null;
    boolean more = false;
    for (var it = realtime.iterator(); it.hasNext(); ) {
      SignalInfo info = it.next();
      if (info.signal() == signal) {
        if (found != null) {
          more = true;
          break;
        }
        found = info;
        it.remove();
      }
    }
    if (!more) {
      set &= ~Signal.bit(signal);
    }
    return found;
  }
}
