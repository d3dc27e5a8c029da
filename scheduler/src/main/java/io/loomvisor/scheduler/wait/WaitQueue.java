package io.loomvisor.scheduler.wait;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Who wants to hear of events on one object. Any thread may register, unregister and notify;
 * entries are notified in the order of registration. The list is immutable and swapped, so that
 * notification needs no lock.
 */
public final class WaitQueue {
  private record Registration(WaitEntry entry, int mask) {}

  private static final Registration[] NONE = {};

  private final AtomicReference<Registration[]> registrations = new AtomicReference<>(NONE);

  /** Registers {@code entry} for the events in {@code mask}. */
  public void register(WaitEntry entry, int mask) {
    Registration added = new Registration(entry, mask);
    registrations.getAndUpdate(
        old -> {
          Registration[] now = java.util.Arrays.copyOf(old, old.length + 1);
          now[old.length] = added;
          return now;
        });
  }

  /** Takes every registration of {@code entry} out. A notification under way may still arrive. */
  public void unregister(WaitEntry entry) {
    registrations.getAndUpdate(old -> without(old, entry));
  }

  /** Tells everybody registered for any of {@code events}. */
  public void notifyEvents(int events) {
    WakeUps.happened();
    for (Registration r : registrations.get()) {
      int hit = r.mask & events;
      if (hit != 0) {
        r.entry.notified(hit);
      }
    }
  }

  public boolean isEmpty() {
    return registrations.get().length == 0;
  }

  private static Registration[] without(Registration[] old, WaitEntry entry) {
    int left = 0;
    for (Registration r : old) {
      if (r.entry != entry) {
        left++;
      }
    }
    if (left == old.length) {
      return old;
    }
    Registration[] now = left == 0 ? NONE : new Registration[left];
    int i = 0;
    for (Registration r : old) {
      if (r.entry != entry) {
        now[i++] = r;
      }
    }
    return now;
  }
}
