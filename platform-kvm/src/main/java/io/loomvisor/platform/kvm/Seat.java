package io.loomvisor.platform.kvm;

/**
 * The right to run on a CPU, which a task leases from the pool: there is one for each CPU that
 * applications see. Which vCPU it runs on with it is up to {@link VcpuSet}.
 */
final class Seat {
  private final int number;

  /** The vCPU used last with this seat, for the pool's preemption. */
  private volatile VCpu vcpu;

  Seat(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }

  void take(VCpu used) {
    if (vcpu != used) {
      vcpu = used;
    }
  }

  /** Any thread: gets the application out, if one runs. */
  void kick() {
    VCpu used = vcpu;
    if (used != null) {
      used.kick();
    }
  }
}
