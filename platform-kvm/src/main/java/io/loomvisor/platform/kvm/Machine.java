package io.loomvisor.platform.kvm;

import io.loomvisor.platform.kvm.host.Kvm;
import io.loomvisor.platform.kvm.host.KvmException;
import io.loomvisor.platform.kvm.host.Libc;
import io.loomvisor.platform.kvm.memory.GuestTlb;
import io.loomvisor.platform.kvm.memory.MemoryFileImpl;
import io.loomvisor.platform.kvm.memory.PageTables;
import io.loomvisor.platform.kvm.memory.TreePool;
import io.loomvisor.platform.kvm.ring0.Layout;
import io.loomvisor.platform.kvm.ring0.Ring0;
import io.loomvisor.scheduler.actor.Actor;
import io.loomvisor.scheduler.actor.Rank;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.BitSet;

/**
 * One KVM virtual machine: its memory slots and its vCPUs. As an actor it owns the slots;
 * everything else is set up in the constructor and does not change.
 */
final class Machine extends Actor implements GuestTlb, AutoCloseable {
  private static final int PAGE_SHIFT = 12;
  private static final VarHandle WORD = ValueLayout.JAVA_INT.varHandle();

  private final int vmFd;
  private final HostKind kind;
  private final boolean largeEntries;
  private final MemoryFileImpl memory;
  private final TreePool trees;
  private final AnswerSlots slots;
  private final VcpuSet vcpus;
  private final CpuidTable cpuid;

  /**
   * Slot number and guest-physical address of the page that comes and goes, see {@link
   * #zapEverything}.
   */
  private final int spareSlot;

  private final long spareAddress;

  /** Written in the actor. */
  private boolean closed;

  /**
   * Where KVM's mapping of frame 0 lies, which nothing uses; known once the first chunk is open.
   */
  private long frameZeroHost;

  @SuppressWarnings("this-escape")
  Machine(
      int kvmFd,
      CpuidTable cpuid,
      long memoryBytes,
      int vcpuCount,
      HostKind kind,
      boolean largeEntries) {
    super(Rank.LEAF);
    this.kind = kind;
    this.largeEntries = largeEntries;
    vmFd = check("KVM_CREATE_VM", createVm(kvmFd));
    long chunk = 1L << 28;
    spareAddress = (memoryBytes + chunk - 1 & -chunk) + chunk;
    spareSlot = (int) (spareAddress / chunk);
    memory = new MemoryFileImpl(memoryBytes, Layout.RESERVED_FRAMES, this::addSlot);
    Ring0.write(memory.whole(), kind.entryInRing3());
    trees = new TreePool(memory, this);
    slots = new AnswerSlots(memory, kind.entryInRing3());
    this.cpuid = cpuid;
    int runSize = check("KVM_GET_VCPU_MMAP_SIZE", Libc.ioctl(kvmFd, Kvm.GET_VCPU_MMAP_SIZE, 0));
    vcpus = new VcpuSet(vcpuCount, kind.slowRebinding(), i -> makeVcpu(i, i % vcpuCount, runSize));
  }

  private VCpu makeVcpu(int index, int cpuNumber, int runSize) {
    Ring0.writeVcpu(memory.whole(), index, kind.entryInRing3());
    int fd = check("KVM_CREATE_VCPU", Libc.ioctl(vmFd, Kvm.CREATE_VCPU, index));
    VCpu vcpu = new VCpu(index, fd, runSize, memory, cpuid, kind);
    VCpuSetup.setTscAux(vcpu, cpuNumber);
    return vcpu;
  }

  /** Creating a VM may be interrupted by a signal and is then tried again. */
  private static int createVm(int kvmFd) {
    int fd;
    do {
      fd = Libc.ioctl(kvmFd, Kvm.CREATE_VM, 0);
    } while (fd == -Libc.EINTR);
    return fd;
  }

  static int check(String what, int result) {
    if (result < 0) {
      throw new KvmException(what, -result);
    }
    return result;
  }

  VcpuSet vcpus() {
    return vcpus;
  }

  MemoryFileImpl memory() {
    return memory;
  }

  AnswerSlots slots() {
    return slots;
  }

  CpuidTable cpuid() {
    return cpuid;
  }

  HostKind kind() {
    return kind;
  }

  /** So many more wait for a vCPU: the entry code answers sched_yield itself while nobody does. */
  void tellWaiting(int more) {
    if (!memory.closed()) {
      WORD.getAndAdd(memory.whole(), Layout.WAITING, more);
    }
  }

  /** Before the first task runs. */
  void setPostable(BitSet numbers) {
    for (int i = 0; i < Layout.POSTABLE_LIMIT; i += Long.SIZE) {
      long[] word = numbers.get(i, i + Long.SIZE).toLongArray();
      memory
          .whole()
          .set(ValueLayout.JAVA_LONG, Layout.POSTABLE + i / 8, word.length == 0 ? 0 : word[0]);
    }
  }

  long trim() {
    return trees.trim();
  }

  PageTables newPageTables() {
    return new PageTables(memory, trees, this, largeEntries);
  }

  /** Called while the memory file's actor is held, which asks this one: FRAMES is above LEAF. */
  private void addSlot(long firstFrame, long frames, long hostAddress) {
    if (firstFrame == 0) {
      frameZeroHost = hostAddress;
    }
    int slot = (int) (firstFrame >>> 28 - PAGE_SHIFT);
    setSlot(slot, firstFrame << PAGE_SHIFT, frames << PAGE_SHIFT, hostAddress);
  }

  /**
   * struct kvm_userspace_memory_region: slot 4, flags 4, guest_phys_addr 8, memory_size 8,
   * userspace_addr 8.
   */
  private void setSlot(int slot, long guestAddress, long size, long hostAddress) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment region = arena.allocate(32, 8);
      region.set(ValueLayout.JAVA_INT, 0, slot);
      region.set(ValueLayout.JAVA_LONG, 8, guestAddress);
      region.set(ValueLayout.JAVA_LONG, 16, size);
      region.set(ValueLayout.JAVA_LONG, 24, hostAddress);
      check(
          "KVM_SET_USER_MEMORY_REGION",
          Libc.ioctl(vmFd, Kvm.SET_USER_MEMORY_REGION, region.address()));
    }
  }

  /**
   * Gets every vCPU that runs on these tables out of the guest and waits until it is out. Under
   * shadow paging KVM reads an entry, and only then starts to watch for invalidations: a vCPU in
   * between would install what it read before our store after our zap. Once it has left the guest
   * no such walk is under way. Nested paging has no such window.
   */
  @Override
  public void quiesce(long root) {
    if (!kind.shadowPaging()) {
      return;
    }
    for (VCpu vcpu : vcpus.all()) {
      vcpu.quiesce(root);
    }
  }

  @Override
  public void barrier(long root) {
    for (VCpu vcpu : vcpus.all()) {
      vcpu.quiesce(root);
    }
  }

  @Override
  public void forgetShape() {
    if (kind.shadowPaging()) {
      zapEverything();
    }
  }

  @Override
  public void zap(long frame, long count) {
    memory.zapTranslations(frame, count);
  }

  /**
   * KVM throws all its page tables away, shadows included, when a memory slot goes: so one is added
   * and removed.
   */
  @Override
  public void zapEverything() {
    for (VCpu vcpu : vcpus.all()) {
      vcpu.quiesceAny();
    }
    ask(
        () -> {
          if (closed) {
            return;
          }
          setSlot(spareSlot, spareAddress, 1L << PAGE_SHIFT, frameZeroHost);
          setSlot(spareSlot, spareAddress, 0, frameZeroHost);
        });
  }

  /** Gets everybody out of the vCPUs first; only then descriptors and mappings go. */
  @Override
  public void close() {
    vcpus.shut();
    // From here on no frame is given out, so no slot is added, and the actor lets no spare slot
    // come and go.
    memory.close();
    ask(() -> closed = true);
    for (VCpu vcpu : vcpus.all()) {
      vcpu.close();
    }
    Libc.close(vmFd);
  }
}
