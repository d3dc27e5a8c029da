package io.loomvisor.scheduler.vcpu;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;

/** The strategies by name. What each does and when it is good is in docs/vcpu-pools.md. */
public enum PoolStrategy {
  /** On the task's carrier; the vCPU of last time if it is free; who has had least goes first. */
  STICKY,
  /** On the task's carrier; any vCPU; first come, first served. */
  FIFO,
  /** On the task's carrier; a queue for each vCPU, and an idle one takes from the longest. */
  STEALING,
  /** On the task's carrier; a vCPU for each task, as long as there are any; the host schedules. */
  PER_TASK,
  /** On a thread that belongs to the vCPU. */
  OWNED,
  /** As owned; a vCPU takes several waiting tasks at a time. */
  BATCHED;

  /** Carriers beyond those that may sit in the application. */
  private static final int SPARE_CARRIERS = 2;

  /** More vCPUs may run than CPUs, for tasks that wake up while others that have had much run. */
  private static final int SPARES = 2;

  /** As many tasks for each CPU have their state in a vCPU while they sleep. */
  private static final int VCPUS_PER_CPU = 8;

  /** How many waiting tasks a vCPU takes at a time at most. */
  private static final int BATCH = 8;

  /** By which it is chosen on the command line. */
  public String title() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The strategy of that name. */
  public static PoolStrategy named(String title) {
    return Arrays.stream(values())
        .filter(s -> s.title().equals(title))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no vCPU pool named " + title + ": there are " + titles()));
  }

  public static String titles() {
    return Arrays.stream(values()).map(PoolStrategy::title).collect(Collectors.joining(", "));
  }

  /**
   * How many vCPUs a pool wants.
   *
   * @param cpus that applications see
   * @param most that the host allows
   */
  public int vcpus(int cpus, int most) {
    return switch (this) {
      case STICKY -> Math.max(sticky(cpus), Math.min(cpus * VCPUS_PER_CPU, most));
      case PER_TASK -> Math.max(cpus, most);
      case FIFO, STEALING, OWNED, BATCHED -> cpus;
    };
  }

  /**
   * How many carriers virtual threads need, so that timers, the network and everything else of the
   * sentry goes on with all vCPUs in the application.
   */
  public int carriers(int cpus, int vcpus) {
    return switch (this) {
      case STICKY -> sticky(cpus) + SPARE_CARRIERS;
      case FIFO, STEALING, PER_TASK -> vcpus + SPARE_CARRIERS;
      case OWNED, BATCHED -> cpus + SPARE_CARRIERS;
    };
  }

  /** How many vCPUs run at a time at most. */
  private static int sticky(int cpus) {
    return cpus + Math.min(cpus, SPARES);
  }

  /**
   * Makes a pool.
   *
   * @param cpus that applications see: so many vCPUs are to run at a time
   * @param slice ns
   * @param preempt gets the application off a vCPU; any thread, must be harmless if nobody runs
   *     there
   * @param waitingBy told by how many more or fewer tasks wait; any thread, must not wait
   * @param hostThread tells what tasks really get of the host's CPUs
   */
  public <V> VcpuPool<V> open(
      List<V> vcpus,
      int cpus,
      long slice,
      Consumer<V> preempt,
      IntConsumer waitingBy,
      HostThread hostThread) {
    int all = vcpus.size();
    if (this == PER_TASK && all > cpus) {
      // Who waits for a CPU is for the host to know: as far as we can tell, somebody always does.
      waitingBy.accept(1);
    }
    return switch (this) {
      case STICKY, FIFO, PER_TASK -> {
        int numbers = Math.min(cpus, all);
        int perCpu = this == PER_TASK ? (all + numbers - 1) / numbers : 1;
        int most = this == STICKY ? sticky(numbers) : all;
        yield new LeasePool<>(
            vcpus, numbers, perCpu, most, order(), slice, preempt, waitingBy, hostThread);
      }
      case STEALING -> new StealingPool<>(vcpus, slice, preempt, waitingBy);
      case OWNED -> new OwnedPool<>(vcpus, 1, slice, preempt, waitingBy);
      case BATCHED -> new OwnedPool<>(vcpus, BATCH, slice, preempt, waitingBy);
    };
  }

  private LeaseStrategy order() {
    return switch (this) {
      case FIFO -> LeaseStrategy.FIFO;
      default -> LeaseStrategy.STICKY;
    };
  }
}
