package io.loomvisor.platform.kvm;

import io.loomvisor.scheduler.vcpu.PoolStrategy;
import io.loomvisor.scheduler.vcpu.VcpuPool;

/**
 * How to set the platform up.
 *
 * @param memoryLimit bytes of guest-physical memory at most; the memory file is sparse
 * @param vcpus vCPUs; 0 for as many as the host has CPUs
 * @param kvmFd an open descriptor of /dev/kvm, which stays the caller's; -1 to open it
 * @param strategy how tasks come to vCPUs
 * @param slice how long, ns, a task may stay in the application while others wait
 * @param binding whether each host thread gets a vCPU of its own
 * @param largePages whether page tables have entries of 2 MiB
 * @param polling when calls are answered without an exit
 */
public record KvmOptions(
    long memoryLimit,
    int vcpus,
    int kvmFd,
    PoolStrategy strategy,
    long slice,
    Binding binding,
    LargePages largePages,
    Polling polling) {
  /** See {@link VcpuSet}. */
  public enum Binding {
    /** Where running a vCPU on changing threads is slow. */
    AUTO,
    /** Always: a vCPU for each host thread. */
    THREAD,
    /** Never: a vCPU goes with a lease. */
    LEASE
  }

  /** Whether page tables have entries of 2 MiB. */
  public enum LargePages {
    /** With nested paging: under shadow paging they gain nothing (docs/performance.md). */
    AUTO,
    ALWAYS,
    NEVER
  }

  public static final long DEFAULT_MEMORY_LIMIT = 2L << 30;

  public static final KvmOptions DEFAULT =
      new KvmOptions(
          DEFAULT_MEMORY_LIMIT,
          0,
          -1,
          PoolStrategy.STICKY,
          VcpuPool.SLICE,
          Binding.AUTO,
          LargePages.AUTO,
          Polling.NEVER);

  public KvmOptions withMemoryLimit(long bytes) {
    return new KvmOptions(bytes, vcpus, kvmFd, strategy, slice, binding, largePages, polling);
  }

  public KvmOptions withVcpus(int count) {
    return new KvmOptions(memoryLimit, count, kvmFd, strategy, slice, binding, largePages, polling);
  }

  public KvmOptions withKvmFd(int fd) {
    return new KvmOptions(memoryLimit, vcpus, fd, strategy, slice, binding, largePages, polling);
  }

  public KvmOptions withStrategy(PoolStrategy how) {
    return new KvmOptions(memoryLimit, vcpus, kvmFd, how, slice, binding, largePages, polling);
  }

  public KvmOptions withSlice(long nanos) {
    return new KvmOptions(memoryLimit, vcpus, kvmFd, strategy, nanos, binding, largePages, polling);
  }

  public KvmOptions withBinding(Binding how) {
    return new KvmOptions(memoryLimit, vcpus, kvmFd, strategy, slice, how, largePages, polling);
  }

  public KvmOptions withLargePages(LargePages when) {
    return new KvmOptions(memoryLimit, vcpus, kvmFd, strategy, slice, binding, when, polling);
  }

  public KvmOptions withPolling(Polling when) {
    return new KvmOptions(memoryLimit, vcpus, kvmFd, strategy, slice, binding, largePages, when);
  }
}
