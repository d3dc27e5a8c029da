package io.loomvisor.scheduler.vcpu;

/** One vCPU in a pool whose tasks run it themselves. */
final class Slot<V> {
  private final V vcpu;
  private final int index;

  /** When the present lease began; {@link Long#MAX_VALUE} while free. Read by the clock. */
  private volatile long since = Long.MAX_VALUE;

  private volatile boolean wanted;

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

  void begin() {
    wanted = false;
    since = System.nanoTime();
  }

  /** How long the lease has lasted, ns. */
  long end() {
    long lasted = held();
    since = Long.MAX_VALUE;
    wanted = false;
    return lasted;
  }

  /** How long the present lease has lasted, ns; 0 while free. */
  long held() {
    long began = since;
    return began == Long.MAX_VALUE ? 0 : System.nanoTime() - began;
  }

  /** The holder is to give it up the next time it is asked. */
  void want() {
    wanted = true;
  }

  boolean wanted() {
    return wanted;
  }

  /** Whether the present lease has lasted so long. */
  boolean heldFor(long nanos) {
    return held() >= nanos;
  }
}
