package io.loomvisor.platform.kvm;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HostProbeTest {
  @Test
  void kernelsBefore613WaitForAGracePeriod() {
    assertTrue(HostProbe.rebindingIsSlow("6.1.0-56-cloud-amd64"));
    assertTrue(HostProbe.rebindingIsSlow("5.15.0"));
    assertTrue(HostProbe.rebindingIsSlow("6.12.9"));
    assertFalse(HostProbe.rebindingIsSlow("6.13.1"));
    assertFalse(HostProbe.rebindingIsSlow("6.18.44-fc-v669"));
    assertFalse(HostProbe.rebindingIsSlow("7.0-rc1"));
    assertTrue(HostProbe.rebindingIsSlow("unknown"));
  }
}
