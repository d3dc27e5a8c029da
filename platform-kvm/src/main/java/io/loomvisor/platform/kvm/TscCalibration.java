package io.loomvisor.platform.kvm;

import io.loomvisor.platform.TscClock;
import java.util.List;

/** Relates the guest's time-stamp counter to the host's clocks. */
final class TscCalibration {
  private TscCalibration() {}

  /** Null if the counter is not constant, or differs between vCPUs. */
  static TscClock calibrate(GuestProgram guest, List<VCpu> vcpus) {
    return null;
  }
}
