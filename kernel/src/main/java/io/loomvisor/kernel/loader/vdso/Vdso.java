package io.loomvisor.kernel.loader.vdso;

import io.loomvisor.kernel.time.Clocks;
import io.loomvisor.platform.MemoryFile;
import io.loomvisor.platform.Platform;
import io.loomvisor.platform.TscClock;
import io.loomvisor.scheduler.time.TimerService;
import io.loomvisor.task.memory.MemoryFlags;
import io.loomvisor.task.memory.MemoryManager;
import io.loomvisor.task.memory.Vma;
import java.lang.foreign.MemorySegment;

/**
 * The vDSO of a sandbox: its two pages, which every program gets mapped, and the clock in the first
 * of them. Where the counter cannot be trusted the functions are there all the same and make system
 * calls.
 *
 * <p>The clock belongs to the thread of the timer service once the constructor is through.
 */
public final class Vdso {
  private static final int PROT_READ = 1;
  private static final int PROT_EXEC = 4;

  /**
   * The clock is looked at so soon after an error of some size, ns, and seldom while there is none.
   */
  private static final long SHORTEST_PERIOD = 20_000_000;

  private static final long LONGEST_PERIOD = 1_000_000_000;
  private static final long LARGE_ERROR = 2_000;

  /** Steps of the realtime clock smaller than this, ns, are noise of the measurement. */
  private static final long SMALLEST_STEP = 2_000;

  private static final int TRIES = 5;

  private final Platform platform;
  private final Clocks clocks;
  private final TimerService timers;
  private final TscClock counter;
  private final TimePage page;
  private final KernelPages data;
  private final KernelPages code;
  private ClockDiscipline discipline;
  private long realtime;
  private long boottime;
  private long period = SHORTEST_PERIOD;

  public Vdso(Platform platform, Clocks clocks, TimerService timers) {
    this.platform = platform;
    this.clocks = clocks;
    this.timers = timers;
    this.counter = platform.tscClock();
    MemoryFile memory = platform.memory();
    long dataFrame = memory.allocate();
    long codeFrame = memory.allocate();
    memory.segment(codeFrame, 1).copyFrom(MemorySegment.ofArray(VdsoImage.build()));
    data = new KernelPages(memory, dataFrame);
    code = new KernelPages(memory, codeFrame);
    page = new TimePage(memory.segment(dataFrame, 1));
    page.setCpuNumberReadable(platform.cpuNumberReadable());
    if (counter != null) {
      start();
    }
  }

  /**
   * Programs ask the kernel for their CPU from now on, unless they can read the number that it
   * would tell them. Any thread.
   */
  public void askForCpu() {
    if (!platform.cpuNumberOfTask()) {
      page.setCpuNumberReadable(false);
    }
  }

  /** Maps both pages side by side; the address of the ELF image (AT_SYSINFO_EHDR). */
  public long map(MemoryManager memory) {
    int anonymous = MemoryFlags.MAP_PRIVATE | MemoryFlags.MAP_ANONYMOUS;
    // Nobody else is in this address space yet, so the place found stays free.
    long at = memory.mmap(0, TimePage.SIZE + VdsoImage.SIZE, 0, anonymous, null, 0);
    memory.munmap(at, TimePage.SIZE + VdsoImage.SIZE);
    memory.mapKernel(at, data, PROT_READ, "[vvar]", Vma.MAY_READ | Vma.DONT_EXPAND | Vma.DONT_DUMP);
    int mayBe = Vma.MAY_READ | Vma.MAY_WRITE | Vma.MAY_EXEC | Vma.DONT_EXPAND;
    memory.mapKernel(at + TimePage.SIZE, code, PROT_READ | PROT_EXEC, "[vdso]", mayBe);
    return at + TimePage.SIZE;
  }

  /**
   * A reading of the counter and of CLOCK_MONOTONIC at the same moment, as nearly as can be had.
   */
  private record Sample(long ticks, long nanos) {}

  private Sample sample() {
    Sample best = null;
    long narrowest = Long.MAX_VALUE;
    for (int i = 0; i < TRIES; i++) {
      long before = counter.read();
      long nanos = clocks.monotonic();
      long width = counter.read() - before;
      if (width < narrowest) {
        narrowest = width;
        best = new Sample(before + width / 2, nanos);
      }
    }
    return best;
  }

  private void start() {
    Sample s = sample();
    discipline = new ClockDiscipline(s.ticks, s.nanos, counter.ticksPerSecond());
    realtime = aheadOfMonotonic(clocks::realtime);
    boottime = aheadOfMonotonic(clocks::boottime);
    page.begin();
    page.write(discipline.line(), realtime, boottime);
    schedule();
  }

  private long aheadOfMonotonic(java.util.function.LongSupplier clock) {
    long best = 0;
    long narrowest = Long.MAX_VALUE;
    for (int i = 0; i < TRIES; i++) {
      long before = clocks.monotonic();
      long time = clock.getAsLong();
      long width = clocks.monotonic() - before;
      if (width < narrowest) {
        narrowest = width;
        best = time - (before + width / 2);
      }
    }
    return best;
  }

  private void schedule() {
    timers.schedule(timers.now() + period, this::adjust);
  }

  private void adjust() {
    if (platform.closed()) {
      return;
    }
    try {
      correct();
    } catch (IllegalStateException e) {
      if (platform.closed()) {
        return;
      }
      throw e;
    }
    schedule();
  }

  private void correct() {
    Sample s = sample();
    boolean large = Math.abs(discipline.error(s.ticks, s.nanos)) > LARGE_ERROR;
    period = large ? SHORTEST_PERIOD : Math.min(2 * period, LONGEST_PERIOD);
    realtime = stepped(realtime, aheadOfMonotonic(clocks::realtime));
    boottime = stepped(boottime, aheadOfMonotonic(clocks::boottime));
    // The line bends at a moment when nobody can have read the old one later: readers are being
    // held off already.
    page.begin();
    page.write(discipline.correct(s.ticks, s.nanos, counter.read(), period), realtime, boottime);
  }

  /** Both clocks run at the same rate; a difference that changes was set anew. */
  private static long stepped(long known, long measured) {
    return Math.abs(measured - known) > SMALLEST_STEP ? measured : known;
  }
}
