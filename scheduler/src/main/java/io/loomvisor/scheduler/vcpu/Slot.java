package io.loomvisor.scheduler.vcpu;

/** One vCPU in a pool whose tasks run it themselves. Times are {@link System#nanoTime}. */
final class Slot<V> {
  private final V vcpu;
  private final int index;

  /** When the present lease began; {@link Long#MAX_VALUE} while free. Read by the clock. */
  private volatile long since = Long.MAX_VALUE;

  private volatile boolean wanted;

  /** Somebody else would run if the holder did not; written before the lease is granted. */
  private boolean contended;

  Slot(V vcpu, int index) {
    this.vcpu = vcpu;
    this.index = index;
  }

  V vcpu() {
    return vcpu;
  }

  int index() {
    return index;
  }

  void begin(long now) {
    wanted = false;
    since = now;
  }

  /** How long the lease has lasted, ns. */
  long end(long now) {
    long lasted = held(now);
    since = Long.MAX_VALUE;
    wanted = false;
    return lasted;
  }

  /** How long the present lease has lasted, ns; 0 while free. */
  long held(long now) {
    long began = since;
    return began == Long.MAX_VALUE ? 0 : now - began;
  }

  /** The holder is to be asked to give it up, now or never mind. */
  void want(boolean now) {
    wanted = now;
  }

  boolean wanted() {
    return wanted;
  }

  void setContended(boolean now) {
    contended = now;
  }

  /** Whether it pays to look how much of the lease the holder has spent on a CPU. */
  boolean contended() {
    return contended;
  }

  /** Whether the present lease has lasted so long. */
  boolean heldFor(long nanos) {
    return held(System.nanoTime()) >= nanos;
  }
}
