package io.loomvisor.platform.kvm;

import io.loomvisor.platform.Platform;
import io.loomvisor.platform.kvm.host.Libc;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import java.util.Arrays;
import java.util.function.IntFunction;

/**
 * The vCPUs of a machine and which of them a task runs on. As an actor it owns the list; everybody
 * reads snapshots.
 *
 * <p>Usually seat and vCPU are the same thing. But before Linux 6.13 KVM_RUN waits for an RCU grace
 * period, which takes milliseconds, whenever a vCPU is run by another thread than last time
 * (kvm_vcpu_ioctl, vcpu-&gt;pid). On such hosts every host thread gets a vCPU of its own, and the
 * state of a task moves with the task from one to another.
 */
final class VcpuSet extends Actor {
  /** With vCPUs bound to threads: more than the carriers of virtual threads. */
  private static final int MOST_BOUND = 96;

  /** Threads and their vCPUs, by index; without binding the thread is 0. */
  private record Snapshot(long[] threads, VCpu[] vcpus) {}

  private final boolean bound;
  private final IntFunction<VCpu> maker;
  private volatile Snapshot snapshot;
  private int nextVictim;
  private boolean closed;

  /**
   * @param seats how many vCPUs to make now; others as they are needed
   * @param bound each thread has its own
   * @param maker makes the vCPU of that index
   */
  VcpuSet(int seats, boolean bound, IntFunction<VCpu> maker) {
    super(Rank.LEAF);
    this.bound = bound;
    this.maker = maker;
    VCpu[] made = new VCpu[seats];
    for (int i = 0; i < seats; i++) {
      made[i] = maker.apply(i);
    }
    snapshot = new Snapshot(new long[seats], made);
  }

  /** All there are; not to be changed. */
  VCpu[] all() {
    return snapshot.vcpus;
  }

  /** The vCPU to use with this seat on the present host thread. */
  VCpu forSeat(Seat seat) {
    if (!bound) {
      VCpu[] made = snapshot.vcpus;
      int index = seat.number();
      return index < made.length ? made[index] : ask(() -> madeUpTo(index));
    }
    long thread = Libc.pthreadSelf();
    VCpu own = find(thread);
    return own != null ? own : ask(() -> bind(thread));
  }

  /** Most programs never have so many tasks that all seats have a use. */
  private VCpu madeUpTo(int index) {
    if (closed) {
      throw new Platform.ClosedException();
    }
    Snapshot s = snapshot;
    int have = s.vcpus.length;
    if (index >= have) {
      VCpu[] vcpus = Arrays.copyOf(s.vcpus, index + 1);
      for (int i = have; i <= index; i++) {
        vcpus[i] = maker.apply(i);
      }
      snapshot = new Snapshot(Arrays.copyOf(s.threads, index + 1), vcpus);
    }
    return snapshot.vcpus[index];
  }

  private VCpu find(long thread) {
    Snapshot s = snapshot;
    for (int i = 0; i < s.threads.length; i++) {
      if (s.threads[i] == thread) {
        return s.vcpus[i];
      }
    }
    return null;
  }

  private VCpu bind(long thread) {
    if (closed) {
      throw new Platform.ClosedException();
    }
    Snapshot s = snapshot;
    int index = free(s);
    VCpu[] vcpus = s.vcpus;
    long[] threads = Arrays.copyOf(s.threads, Math.max(s.threads.length, index + 1));
    if (index == vcpus.length) {
      vcpus = Arrays.copyOf(vcpus, index + 1);
      vcpus[index] = maker.apply(index);
    }
    threads[index] = thread;
    snapshot = new Snapshot(threads, vcpus);
    return vcpus[index];
  }

  /**
   * An index without a thread, or a new one, or that of a thread which is taken its vCPU away: it
   * may be dead.
   */
  private int free(Snapshot s) {
    for (int i = 0; i < s.threads.length; i++) {
      if (s.threads[i] == 0) {
        return i;
      }
    }
    if (s.threads.length < MOST_BOUND) {
      return s.threads.length;
    }
    for (int i = 0; i < MOST_BOUND; i++) {
      nextVictim = (nextVictim + 1) % MOST_BOUND;
      if (!s.vcpus[nextVictim].gate.busy()) {
        break;
      }
    }
    return nextVictim;
  }

  /** Gets everybody out of all vCPUs; nobody gets in any more, and no more are made. */
  void shut() {
    VCpu[] made =
        ask(
            () -> {
              closed = true;
              return snapshot.vcpus;
            });
    for (VCpu vcpu : made) {
      vcpu.shut();
    }
  }
}
