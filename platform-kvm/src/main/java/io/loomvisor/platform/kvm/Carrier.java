package io.loomvisor.platform.kvm;

import io.loomvisor.platform.kvm.host.Libc;
import io.loomvisor.scheduler.vcpu.HostThread;

/** The native thread under the present one. */
enum Carrier implements HostThread {
  INSTANCE;

  @Override
  public long id() {
    return Libc.pthreadSelf();
  }

  @Override
  public long cpuTime() {
    return Libc.threadCpuTime();
  }
}
