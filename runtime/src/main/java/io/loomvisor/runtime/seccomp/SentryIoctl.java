package io.loomvisor.runtime.seccomp;

import io.loomvisor.platform.kvm.host.Kvm;

/** The ioctl(2) requests that the sentry may make, the most frequent first. */
public enum SentryIoctl {
  KVM_RUN(Kvm.RUN, "runs the application"),
  KVM_GET_XSAVE(Kvm.GET_XSAVE, "FPU state of a task that leaves a vCPU"),
  KVM_SET_XSAVE(Kvm.SET_XSAVE, "FPU state of a task that gets a vCPU"),
  KVM_GET_SREGS(Kvm.GET_SREGS, "segments and control registers of a new vCPU"),
  KVM_SET_SREGS(Kvm.SET_SREGS, "the same"),
  KVM_GET_VCPU_EVENTS(
      Kvm.GET_VCPU_EVENTS, "exceptions that were on their way when a vCPU was kicked"),
  KVM_SET_VCPU_EVENTS(Kvm.SET_VCPU_EVENTS, "the same"),
  KVM_SET_MSRS(Kvm.SET_MSRS, "entry points of a new vCPU, its TSC"),
  KVM_SET_USER_MEMORY_REGION(Kvm.SET_USER_MEMORY_REGION, "memory of the machine"),
  KVM_CREATE_VCPU(Kvm.CREATE_VCPU, "vCPUs are made when they are first needed"),
  KVM_GET_VCPU_MMAP_SIZE(Kvm.GET_VCPU_MMAP_SIZE, "the same"),
  KVM_GET_SUPPORTED_CPUID(Kvm.GET_SUPPORTED_CPUID, "the same"),
  KVM_SET_CPUID2(Kvm.SET_CPUID2, "the same"),
  KVM_SET_XCRS(Kvm.SET_XCRS, "the same"),
  KVM_GET_TSC_KHZ(Kvm.GET_TSC_KHZ, "the same"),
  KVM_GET_DEVICE_ATTR(Kvm.GET_DEVICE_ATTR, "the TSC offset of a vCPU"),
  TCGETS(0x5401, "modes of the caller's terminal"),
  TCSETS(0x5402, "the same"),
  TCSETSW(0x5403, "the same"),
  TCSETSF(0x5404, "the same"),
  TCGETS2(0x802C542AL, "the same"),
  TCSETS2(0x402C542BL, "the same"),
  TCSETSW2(0x402C542CL, "the same"),
  TCSETSF2(0x402C542DL, "the same"),
  TIOCGPGRP(0x540F, "whether the sandbox is in the foreground of the caller's terminal"),
  TIOCGWINSZ(0x5413, "the size of the caller's terminal"),
  FIONREAD(0x541B, "how much there is to read on a standard stream or a donated socket");

  private final int request;
  private final String reason;

  SentryIoctl(long request, String reason) {
    this.request = (int) request;
    this.reason = reason;
  }

  /** The number; the kernel takes it as an unsigned int. */
  public int request() {
    return request;
  }

  public String reason() {
    return reason;
  }
}
