package io.loomvisor.platform.kvm;

import io.loomvisor.platform.AddressSpace;
import io.loomvisor.platform.Context;
import io.loomvisor.platform.CpuFeatures;
import io.loomvisor.platform.MemoryFile;
import io.loomvisor.platform.Platform;
import io.loomvisor.platform.TscClock;
import io.loomvisor.platform.kvm.host.Kvm;
import io.loomvisor.platform.kvm.host.KvmException;
import io.loomvisor.platform.kvm.host.KvmUnavailableException;
import io.loomvisor.platform.kvm.host.Libc;
import io.loomvisor.platform.kvm.ring0.Layout;
import io.loomvisor.scheduler.carrier.TaskThreads;
import io.loomvisor.scheduler.vcpu.PoolStrategy;
import io.loomvisor.scheduler.vcpu.VcpuPool;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The platform on KVM.
 *
 * <p>A task's virtual thread sits in KVM_RUN on its carrier, which the JDK does not compensate for.
 * The program must therefore set {@code jdk.virtualThreadScheduler.parallelism} to {@link
 * #carriers} before it starts a virtual thread: one carrier for each vCPU, and some more so that
 * system calls, timers and the network go on while all vCPUs are in the application.
 */
public final class KvmPlatform implements Platform {
  private static final Logger LOG = LoggerFactory.getLogger(KvmPlatform.class);

  /** vCPUs of a pool that has one for each task, at most. */
  private static final int MOST_VCPUS = 64;

  private static final String DEVICE = "/dev/kvm";
  private static final int ENOENT = 2;
  private static final int ENXIO = 6;
  private static final int EACCES = 13;
  private static final int EPERM = 1;
  private static final int ENODEV = 19;

  private final Machine machine;
  private final VcpuPool<Seat> pool;

  /** Null: no call is posted. */
  private final CallPoller poller;

  /** Null: nobody stands by. */
  private final Standby standby;

  /** As many as applications see. */
  private final int cpus;

  private final String description;
  private final CpuFeatures features;
  private final TscClock tscClock;
  private final CpuNumber.Source cpuNumber;
  private final AtomicBoolean closed = new AtomicBoolean();

  private KvmPlatform(Machine machine, KvmOptions options) {
    this.machine = machine;
    PoolStrategy strategy = options.strategy();
    List<VCpu> vcpus = List.of(machine.vcpus().all());
    cpus = vcpus.size();
    List<Seat> seats =
        IntStream.range(0, strategy.vcpus(cpus, MOST_VCPUS)).mapToObj(Seat::new).toList();
    this.pool =
        strategy.open(
            seats, cpus, options.slice(), Seat::kick, machine::tellWaiting, Carrier.INSTANCE);
    Polling polling = options.polling().on(machine.kind());
    boolean polls = polling.cpus() != 0 && Libc.vdso();
    if (polls) { // only then the sentry's filter allows it
      ThreadLocal<Whereabouts> own = ThreadLocal.withInitial(Whereabouts::new);
      TaskThreads.leaveBy(from -> own.get().leaveForNow(from));
    }
    this.poller = !polls ? null : new CallPoller(machine.vcpus(), machine.slots(), polling);
    StandbyTerms terms = options.polling().standby(machine.kind());
    this.standby =
        !polls || terms.never()
            ? null
            : new Standby(machine.vcpus(), machine.memory(), poller, terms);
    this.description =
        "KVM, "
            + pool.size()
            + " vCPUs for "
            + cpus
            + " CPUs, pool "
            + strategy.title()
            + "; "
            + machine.kind().describe();
    try (GuestProgram guest = new GuestProgram(machine)) {
      features = GuestCpu.features(guest, machine.cpuid().xcr0());
      tscClock = TscCalibration.calibrate(guest, vcpus);
      boolean rdtscp = List.of(features.flags().split(" ")).contains("rdtscp");
      cpuNumber = CpuNumber.arrange(guest, vcpus, rdtscp);
    }
  }

  /**
   * Sets the platform up.
   *
   * @throws KvmUnavailableException if this host cannot run guests
   */
  public static KvmPlatform create(KvmOptions options) {
    int kvmFd = options.kvmFd() >= 0 ? options.kvmFd() : open();
    try {
      checkCapabilities(kvmFd);
      Libc.installKickHandler();
      if (Libc.vdso()) {
        TaskThreads.locateBy(Libc::cpu);
      }
      int vcpus = vcpuCount(options.vcpus());
      CpuidTable cpuid = CpuidTable.supported(kvmFd);
      HostKind kind = HostProbe.probe(kvmFd, cpuid).with(options.binding());
      boolean large =
          switch (options.largePages()) {
            case AUTO -> !kind.shadowPaging();
            case ALWAYS -> true;
            case NEVER -> false;
          };
      Machine machine = new Machine(kvmFd, cpuid, options.memoryLimit(), vcpus, kind, large);
      KvmPlatform platform = new KvmPlatform(machine, options);
      LOG.info("{}", platform.description);
      return platform;
    } finally {
      if (options.kvmFd() < 0) {
        Libc.close(kvmFd);
      }
    }
  }

  /**
   * How many vCPUs a platform gets: {@code asked}, or one for each CPU of the host if that is 0.
   */
  public static int vcpuCount(int asked) {
    return Math.clamp(
        asked > 0 ? asked : Runtime.getRuntime().availableProcessors(), 1, Layout.MAX_VCPUS);
  }

  /** What -Djdk.virtualThreadScheduler.parallelism must be, at least. */
  public static int carriers(KvmOptions options) {
    int cpus = vcpuCount(options.vcpus());
    return options.strategy().carriers(cpus, options.strategy().vcpus(cpus, MOST_VCPUS));
  }

  /** Opens /dev/kvm, for the launcher to hand in by {@link KvmOptions#withKvmFd}. */
  public static int open() {
    int fd = Libc.open(DEVICE, Libc.O_RDWR | Libc.O_CLOEXEC);
    if (fd >= 0) {
      return fd;
    }
    throw switch (-fd) {
      case ENOENT, ENXIO, ENODEV ->
          new KvmUnavailableException(
              "this host has no " + DEVICE,
              "load the kvm_intel or kvm_amd module, or enable virtualization in the firmware or"
                  + " (in a virtual machine) nested virtualization in its host");
      case EACCES, EPERM ->
          new KvmUnavailableException(
              "no permission to open " + DEVICE,
              "run as a member of the group that owns it (usually kvm), or pass the device into the"
                  + " container");
      default ->
          new KvmUnavailableException("cannot open " + DEVICE + ": errno " + -fd, "see open(2)");
    };
  }

  private static void checkCapabilities(int kvmFd) {
    int version = Libc.ioctl(kvmFd, Kvm.GET_API_VERSION, 0);
    if (version != Kvm.API_VERSION) {
      throw new KvmUnavailableException(
          version < 0 ? "the descriptor given is not /dev/kvm" : "KVM has API version " + version,
          "API version " + Kvm.API_VERSION + " is needed, which every Linux since 2.6.22 has");
    }
    require(kvmFd, Kvm.CAP_USER_MEMORY, "user memory regions", 1);
    require(kvmFd, Kvm.CAP_IMMEDIATE_EXIT, "immediate exit", 1);
    require(
        kvmFd, Kvm.CAP_SYNC_REGS, "synchronized registers", (int) (Kvm.SYNC_REGS | Kvm.SYNC_SREGS));
    require(kvmFd, Kvm.CAP_XSAVE, "XSAVE state", 1);
    require(kvmFd, Kvm.CAP_XCRS, "extended control registers", 1);
  }

  private static void require(int kvmFd, int capability, String name, int bits) {
    int has = Libc.ioctl(kvmFd, Kvm.CHECK_EXTENSION, capability);
    if (has < 0 || (has & bits) != bits) {
      throw new KvmUnavailableException(
          "this host's KVM lacks " + name, "a Linux kernel of version 4.17 or later is needed");
    }
  }

  @Override
  public String description() {
    return description;
  }

  @Override
  public MemoryFile memory() {
    return machine.memory();
  }

  @Override
  public long trim() {
    return machine.trim();
  }

  @Override
  public AddressSpace newAddressSpace() {
    return machine.newPageTables();
  }

  @Override
  public Context newContext() {
    return new KvmContext(
        pool.claim(),
        cpus,
        machine.vcpus(),
        new FpuState(features.xcr0(), features.xsaveSize()),
        machine.slots().take(),
        poller,
        standby,
        machine.memory().whole());
  }

  @Override
  public void postableCalls(BitSet numbers) {
    machine.setPostable(numbers);
  }

  /** Whether posted calls are being looked for. For tests. */
  boolean looking() {
    return poller != null && poller.spins() != 0;
  }

  @Override
  public CpuFeatures features() {
    return features;
  }

  @Override
  public TscClock tscClock() {
    return tscClock;
  }

  @Override
  public boolean cpuNumberReadable() {
    return cpuNumber != CpuNumber.Source.NONE;
  }

  /** A vCPU that belongs to a host thread is a different one whenever the task moves. */
  @Override
  public boolean cpuNumberOfTask() {
    return cpuNumber == CpuNumber.Source.VCPU && !machine.kind().slowRebinding();
  }

  @Override
  public int vcpuCount() {
    return cpus;
  }

  @Override
  public boolean closed() {
    return closed.get();
  }

  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    pool.close();
    if (poller != null) {
      poller.close();
    }
    if (standby != null) {
      standby.close();
    }
    try {
      machine.close();
    } catch (KvmException e) {
      LOG.warn("closing the machine", e);
    }
  }
}
