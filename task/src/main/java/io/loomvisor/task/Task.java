package io.loomvisor.task;

import io.loomvisor.platform.Context;
import io.loomvisor.platform.Exit;
import io.loomvisor.platform.InstantAnswers;
import io.loomvisor.platform.InstantAnswers.Answer;
import io.loomvisor.platform.PolledCalls;
import io.loomvisor.platform.Registers;
import io.loomvisor.scheduler.carrier.TaskThreads;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.fd.FdTable;
import io.loomvisor.task.fd.FsContext;
import io.loomvisor.task.memory.MemoryManager;
import io.loomvisor.task.memory.UserMemory;
import io.loomvisor.task.process.ResourceUsage;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.task.ptrace.Tracee;
import io.loomvisor.task.seccomp.SeccompState;
import io.loomvisor.task.signal.PendingSignals;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.Credentials;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/**
 * One thread of an application: a virtual thread whose body is {@link #run}. Everything here
 * belongs to that thread unless a member says otherwise.
 */
public final class Task implements Caller, Runnable {
  private static final ThreadLocal<Task> CURRENT = new ThreadLocal<>();

  private final TaskServices services;
  private final ThreadGroup group;
  private final Context context;
  private final Sleeper sleeper = new Sleeper();
  private final TaskSignals signals = new TaskSignals();
  private final CpuTime cpuTime = new CpuTime();
  private final AtomicReference<Scheduling> scheduling = new AtomicReference<>();
  private final ThreadSettings settings = new ThreadSettings();
  private final UsageCounters counters = new UsageCounters();
  private final CallCounts calls = new CallCounts();
  private final UserPointers pointers = new UserPointers();

  // Read by others (proc, ptrace-like checks), written by the task's own thread only, hence
  // volatile.
  private volatile MemoryManager memory;
  private volatile FdTable descriptors;
  private volatile FsContext fileSystem;
  private volatile Credentials credentials;
  private volatile String name;
  private volatile boolean blocked;
  private volatile boolean ended;
  private volatile boolean neverRuns;
  private volatile int threadId;

  /** Null: nobody traces it. Written by the actor that owns tracing. */
  private volatile Tracee tracee;

  /** Whether a call needs more than its handler: filters to ask, or a tracer. */
  private volatile boolean watched;

  private boolean processLimitExceeded;
  private Runnable onMemoryReleased;

  /** Set by anybody who wants {@link TaskServices#prepareReturn} to look. */
  private volatile boolean attention;

  private long syscallNumber = -1;

  /** Written by the thread that serves a call instead of the own one; read by whoever does. */
  private boolean aside;

  private boolean ending;
  private int exitStatus;

  public Task(
      TaskServices services,
      int threadId,
      ThreadGroup group,
      Context context,
      MemoryManager memory,
      FdTable descriptors,
      FsContext fileSystem,
      Credentials credentials,
      Scheduling scheduling,
      String name) {
    this.services = services;
    this.threadId = threadId;
    this.group = group;
    this.context = context;
    this.memory = memory;
    this.descriptors = descriptors;
    this.fileSystem = fileSystem;
    this.credentials = credentials;
    this.scheduling.set(scheduling);
    context.setTerms(scheduling.terms());
    this.name = name;
    publishIds();
    publishCredentials();
    answerAsAllowed();
    context.polledCalls(new Aside());
    sleeper.wakeBy(services.timers());
  }

  /** The task whose thread this is called on; null on threads of the sentry. */
  public static Task current() {
    return CURRENT.get();
  }

  /** Starts the virtual thread. */
  public void start() {
    Thread thread = TaskThreads.make("task-" + threadId, this);
    sleeper.bind(thread);
    thread.start();
  }

  /** The life of a task: run, serve the exit, deliver signals, again. */
  @Override
  public void run() {
    CURRENT.set(this);
    try {
      while (!ending && (!attention || services.prepareReturn(this))) {
        cpuTime.enterUser();
        calls.end(cpuTime.mark());
        Exit exit = context.run(memory.addressSpace());
        cpuTime.enterKernel();
        switch (exit) {
          case Exit.Syscall s -> {
            calls.begin((int) registers().rax, cpuTime.mark());
            services.syscall(this);
          }
          case Exit.PageFault f -> {
            counters.countFault();
            services.pageFault(this, f);
          }
          case Exit.Fault f -> {
            counters.countException();
            services.fault(this, f);
          }
          case Exit.Interrupted i -> counters.countInterrupt();
        }
      }
    } catch (RuntimeException | Error e) {
      if (!memory.platform().closed()) {
        services.failed(this, e);
      }
    } finally {
      ended = true;
      calls.end(System.nanoTime());
      leave();
    }
  }

  /**
   * Serves calls on the platform's thread for that, while the own one is in the application. What
   * belongs to the own thread may be touched all the same, since one of the two waits for the
   * other; but registers are in the vCPU, and the sleeper knows the own thread only.
   */
  private final class Aside implements PolledCalls {
    @Override
    public long serve(long number, long a0, long a1, long a2, long a3, long a4, long a5) {
      long began = System.nanoTime();
      Task server = CURRENT.get(); // null: a thread that is no task's
      CURRENT.set(Task.this);
      aside = true;
      long result = DECLINED;
      try {
        result = services.syscallPolled(Task.this, number, a0, a1, a2, a3, a4, a5);
      } catch (RuntimeException | Error e) {
        if (!memory.platform().closed()) {
          services.failed(Task.this, e);
        }
      } finally {
        aside = false;
        CURRENT.set(server);
        long took = System.nanoTime() - began;
        cpuTime.servedAside(took);
        if (result != DECLINED) {
          calls.count((int) number, took);
        }
      }
      return result;
    }

    @Override
    public boolean comeOut() {
      return attention;
    }
  }

  /** Whether a call of the task is being served on another thread. For whoever serves it. */
  public boolean aside() {
    return aside;
  }

  /**
   * The present call is one for the task's own thread from here on.
   *
   * @throws NotAside if it is served on another
   */
  public void requireOwnThread() {
    if (aside) {
      throw NotAside.INSTANCE;
    }
  }

  /** A call that could have been served without an exit is served with one. Own thread. */
  public void countPollable() {
    if (context.countPollable(cpuTime.mark())) {
      memory.openCallPage();
    }
  }

  /**
   * With the platform closed, memory and page tables are gone already and nobody is left to be
   * told.
   */
  private void leave() {
    try {
      services.exited(this);
      sleeper.close();
    } catch (IllegalStateException e) {
      if (!memory.platform().closed()) {
        throw e;
      }
    }
  }

  /**
   * This thread alone ends before it returns to the application. Own thread.
   *
   * @param status as wait(2) would show it
   */
  public void end(int status) {
    exitStatus = status;
    ending = true;
  }

  /** How it ends, as wait(2) shows it. Own thread, which is at its end. */
  public int exitStatus() {
    return group.exiting() ? group.exitStatus() : exitStatus;
  }

  /** Whether it is not to return to the application any more. Own thread. */
  public boolean ending() {
    return ending;
  }

  /**
   * Whether it must end as soon as it can, whatever it does: exit_group, SIGKILL, another's exec.
   */
  public boolean mustEnd() {
    return group.ends(this);
  }

  /** Who traces it, and how; null for nobody. Any thread. */
  public Tracee tracee() {
    return tracee;
  }

  /** For {@link io.loomvisor.task.ptrace.Tracing}: whoever is traced makes all its calls itself. */
  public void setTracee(Tracee newTracee) {
    tracee = newTracee;
    if (newTracee != null) {
      watched = true;
      context.answers().allow(false);
    }
  }

  /** Filters or a tracer are to see each call, or were until lately. Any thread. */
  public boolean watched() {
    return watched;
  }

  /** Its tracer may have gone. Own thread. */
  public void reconsiderWatch() {
    if (tracee != null) {
      return;
    }
    watched = settings.seccomp() != SeccompState.NONE;
    if (tracee != null || settings.seccomp() != SeccompState.NONE) {
      watched = true; // somebody has come meanwhile
    }
    answerAsAllowed();
  }

  /**
   * Sleeps on {@link #sleeper()} without a vCPU. The caller has armed the sleeper and registered.
   *
   * @param deadline on the {@link System#nanoTime} clock, {@link Sleeper#FOREVER} for none
   * @throws NotAside if this is not the own thread
   */
  public Sleeper.Wake sleep(long deadline) {
    return sleep(deadline, true);
  }

  /** As {@link #sleep(long)}; an uninterruptible sleep is not ended by signals. */
  public Sleeper.Wake sleep(long deadline, boolean interruptible) {
    requireOwnThread();
    context.release();
    counters.countSleep();
    cpuTime.fallAsleep();
    blocked = true;
    try {
      return sleeper.sleep(deadline, interruptible);
    } finally {
      blocked = false;
      cpuTime.wokenUp();
      if (context.awake()) {
        memory.openCallPage();
      }
    }
  }

  /**
   * Asks this task to look at its signals soon: ends interruptible sleeps and kicks it out of the
   * application. Any thread.
   */
  public void interrupt() {
    // In this order, so that an interrupt is never left behind when attention has been cleared.
    sleeper.interrupt();
    attention = true;
    context.interrupt();
  }

  /**
   * Has the next return to the application go through {@link TaskServices#prepareReturn}. Own
   * thread.
   */
  public void requestAttention() {
    attention = true;
  }

  /**
   * Nothing is pending any more; called by prepareReturn before it looks, so that nothing is
   * missed. Own thread.
   */
  public void clearAttention() {
    attention = false;
    sleeper.clearInterrupt();
  }

  public boolean attention() {
    return attention;
  }

  public TaskServices services() {
    return services;
  }

  public ThreadGroup group() {
    return group;
  }

  public Context context() {
    return context;
  }

  public Registers registers() {
    return context.registers();
  }

  public Sleeper sleeper() {
    return sleeper;
  }

  /** Mask, alternate stack, private pending signals. */
  public TaskSignals signals() {
    return signals;
  }

  public CpuTime cpuTime() {
    return cpuTime;
  }

  /** Policy, priorities and affinity. Any thread. */
  public Scheduling scheduling() {
    return scheduling.get();
  }

  /** Any thread; {@code change} may be called more than once. */
  public void changeScheduling(UnaryOperator<Scheduling> change) {
    Scheduling now = scheduling.updateAndGet(change);
    context.setTerms(now.terms());
    // Whoever has changed it meanwhile may have told the pool before us.
    for (Scheduling then = now; then != (now = scheduling.get()); then = now) {
      context.setTerms(now.terms());
    }
  }

  /** What it has set for itself and hands down. */
  public ThreadSettings settings() {
    return settings;
  }

  /**
   * seccomp(2): from now on the kernel asks the filters about every call. The guest goes on to
   * answer by itself if they allow all that it answers. Own thread, or another of the process that
   * brings all to its own filters.
   */
  public void confine(SeccompState seccomp) {
    settings.setSeccomp(seccomp);
    watched = seccomp != SeccompState.NONE || tracee != null;
    if (!InstantAnswers.all(seccomp::allows)) {
      context.answers().allow(false);
    }
  }

  /**
   * Has the guest answer by itself what it can if nobody wants to see the calls; again after
   * anything has changed about that, by any thread.
   */
  public void answerAsAllowed() {
    boolean allowed = mayAnswer();
    context.answers().allow(allowed);
    if (allowed && !mayAnswer()) {
      context.answers().allow(false); // filters or a watcher have come meanwhile
    }
  }

  private boolean mayAnswer() {
    return tracee == null
        && !services.watchesCalls()
        && InstantAnswers.all(settings.seccomp()::allows);
  }

  /** Its system calls. */
  public CallCounts calls() {
    return calls;
  }

  public UsageCounters counters() {
    return counters;
  }

  /** What this thread has used so far. Any thread. */
  public ResourceUsage usage() {
    return new ResourceUsage(
        cpuTime.user(),
        cpuTime.system(),
        0,
        counters.minorFaults(),
        0,
        counters.voluntarySwitches(),
        context.preemptions());
  }

  /** Addresses the application registered: clear_child_tid, robust list, rseq. */
  public UserPointers pointers() {
    return pointers;
  }

  public MemoryManager memoryManager() {
    return memory;
  }

  /** Application memory. */
  public UserMemory memory() {
    return memory;
  }

  /** execve(2): the task goes on in another address space. */
  public void setMemory(MemoryManager newMemory) {
    memory = newMemory;
  }

  public FdTable descriptors() {
    return descriptors;
  }

  public void setDescriptors(FdTable table) {
    descriptors = table;
  }

  public FsContext fileSystem() {
    return fileSystem;
  }

  public void setFileSystem(FsContext context) {
    fileSystem = context;
  }

  @Override
  public Credentials credentials() {
    return credentials;
  }

  /**
   * With another effective identity, or more capabilities, the process is none for its user to look
   * into any more (kernel/cred.c: commit_creds).
   */
  public void setCredentials(Credentials newCredentials) {
    Credentials old = credentials;
    boolean other =
        old.euid() != newCredentials.euid()
            || old.egid() != newCredentials.egid()
            || old.fsuid() != newCredentials.fsuid()
            || old.fsgid() != newCredentials.fsgid()
            || (newCredentials.permitted() & ~old.permitted()) != 0;
    if (other) {
      group.settings().setDumpable(false);
    }
    credentials = newCredentials;
    publishCredentials();
  }

  private void publishIds() {
    context.answers().set(Answer.PROCESS_ID, group.id());
    context.answers().set(Answer.THREAD_ID, threadId);
  }

  private void publishCredentials() {
    InstantAnswers answers = context.answers();
    answers.set(Answer.USER_ID, credentials.uid());
    answers.set(Answer.EFFECTIVE_USER_ID, credentials.euid());
    answers.set(Answer.GROUP_ID, credentials.gid());
    answers.set(Answer.EFFECTIVE_GROUP_ID, credentials.egid());
  }

  /** What getppid(2) says; called by the thread group, which the process tree tells. */
  public void publishParent(int id) {
    context.answers().set(Answer.PARENT_ID, id);
  }

  /** The comm name, at most 15 bytes. */
  public String name() {
    return name;
  }

  public void setName(String newName) {
    name = newName.length() > 15 ? newName.substring(0, 15) : newName;
  }

  /** Its user had too many tasks when it became that user (PF_NPROC_EXCEEDED). Own thread. */
  public boolean processLimitExceeded() {
    return processLimitExceeded;
  }

  public void setProcessLimitExceeded(boolean exceeded) {
    processLimitExceeded = exceeded;
  }

  /** Whether it sleeps in a syscall (state S of /proc). */
  public boolean blocked() {
    return blocked;
  }

  /** It only stands where others look for it, and counts as asleep. Instead of {@link #start}. */
  public void makeStill() {
    neverRuns = true;
    cpuTime.fallAsleep();
    blocked = true;
  }

  /** Whether it has no thread and will have none, as a process of the kernel's own. */
  public boolean neverRuns() {
    return neverRuns;
  }

  /** Whether its run loop has ended. */
  public boolean ended() {
    return ended;
  }

  /** The syscall being served, -1 outside of one or when restarting is not wanted. */
  public long syscallNumber() {
    return syscallNumber;
  }

  public void setSyscallNumber(long number) {
    syscallNumber = number;
  }

  @Override
  public int threadId() {
    return threadId;
  }

  /** execve(2) by a thread that is not the leader: it takes the leader's id. */
  public void setThreadId(int id) {
    threadId = id;
    publishIds();
  }

  /**
   * vfork(2): {@code action} runs once, when this task leaves its present address space by exec or
   * exit.
   */
  public void onMemoryReleased(Runnable action) {
    onMemoryReleased = action;
  }

  /** Runs and forgets the action of {@link #onMemoryReleased}. */
  public void memoryReleased() {
    Runnable action = onMemoryReleased;
    onMemoryReleased = null;
    if (action != null) {
      action.run();
    }
  }

  @Override
  public int threadGroupId() {
    return group.id();
  }

  @Override
  public int processGroupId() {
    return group.processGroupId();
  }

  @Override
  public int sessionId() {
    return group.sessionId();
  }

  @Override
  public void aboutToWait() {
    requireOwnThread();
  }

  @Override
  public void copyIn(long address, MemorySegment target) {
    memory.copyIn(address, target);
  }

  @Override
  public void copyOut(long address, MemorySegment source) {
    memory.copyOut(address, source);
  }

  @Override
  public String toString() {
    return name + "[" + threadId + "]";
  }

  /** Signal state of the one thread. */
  public static final class TaskSignals {
    private final PendingSignals pending = new PendingSignals();
    private volatile long mask;
    private boolean maskSaved;
    private long savedMask;
    private long stackAddress;
    private long stackSize;
    private int stackFlags = 2; // SS_DISABLE
    private RestartBlock restartBlock;
    private long trapNumber;
    private long errorCode;
    private long faultAddress;

    /** The last exception of this thread, for the signal frame: vector, error code, CR2. */
    public void setTrap(long vector, long code, long address) {
      trapNumber = vector;
      errorCode = code;
      faultAddress = address;
    }

    public long trapNumber() {
      return trapNumber;
    }

    public long errorCode() {
      return errorCode;
    }

    public long faultAddress() {
      return faultAddress;
    }

    /** Signals sent to this thread alone; owned by the thread group's actor. */
    public PendingSignals pending() {
      return pending;
    }

    /** Blocked signals; read by senders. */
    public long mask() {
      return mask;
    }

    public void setMask(long newMask) {
      mask = newMask & ~io.loomvisor.task.signal.Signal.UNBLOCKABLE;
    }

    /**
     * ppoll, sigsuspend and kin: {@code temporary} holds until the syscall returns or a handler has
     * been set up.
     */
    public void setTemporaryMask(long temporary) {
      if (!maskSaved) {
        savedMask = mask;
        maskSaved = true;
      }
      setMask(temporary);
    }

    /**
     * The mask that a signal frame stores: the saved one if a temporary one is in force. Forgets
     * the saved one.
     */
    public long takeMaskForFrame() {
      long m = maskSaved ? savedMask : mask;
      maskSaved = false;
      return m;
    }

    /** The mask that will hold when the present call has returned. */
    public long maskToReturnTo() {
      return maskSaved ? savedMask : mask;
    }

    /** Whether a temporary mask is in force. */
    public boolean temporaryMask() {
      return maskSaved;
    }

    /** Ends a temporary mask. */
    public void restoreMask() {
      if (maskSaved) {
        maskSaved = false;
        setMask(savedMask);
      }
    }

    public long stackAddress() {
      return stackAddress;
    }

    public long stackSize() {
      return stackSize;
    }

    /** SS_ flags of sigaltstack(2). */
    public int stackFlags() {
      return stackFlags;
    }

    public void setStack(long address, long size, int flags) {
      stackAddress = address;
      stackSize = size;
      stackFlags = flags;
    }

    /** How restart_syscall(2) goes on; null if nothing was interrupted so. */
    public RestartBlock restartBlock() {
      return restartBlock;
    }

    public void setRestartBlock(RestartBlock block) {
      restartBlock = block;
    }
  }

  /** The rest of an interrupted relative wait (ERESTART_RESTARTBLOCK). */
  @FunctionalInterface
  public interface RestartBlock {
    long restart(Task task);
  }

  /** Addresses in application memory that the kernel writes or walks when the thread ends. */
  public static final class UserPointers {
    private long clearChildTid;
    private long robustList;
    private long rseq;
    private volatile boolean futexesReleased;

    public long clearChildTid() {
      return clearChildTid;
    }

    public void setClearChildTid(long address) {
      clearChildTid = address;
    }

    /** Head of the robust futex list; 0 for none. */
    public long robustList() {
      return robustList;
    }

    public void setRobustList(long address) {
      robustList = address;
    }

    /** The thread has ended and its futexes have been given up; the futex actor's. */
    public boolean futexesReleased() {
      return futexesReleased;
    }

    public void setFutexesReleased(boolean released) {
      futexesReleased = released;
    }

    public long rseq() {
      return rseq;
    }

    public void setRseq(long address) {
      rseq = address;
    }
  }

  /**
   * Time spent in the application and in the kernel, in ns, up to the present moment. Written by
   * the own thread, read by any: {@link #stamp} is 0 while the others change, and different after
   * every change.
   */
  public static final class CpuTime {
    private static final int USER = 1;
    private static final int KERNEL = 2;
    private static final int ASLEEP = 3;
    private static final int MODE_BITS = 2;
    private static final VarHandle STAMP;

    static {
      try {
        STAMP = MethodHandles.lookup().findVarHandle(CpuTime.class, "stamp", long.class);
      } catch (ReflectiveOperationException e) {
        throw new ExceptionInInitializerError(e);
      }
    }

    private long user;
    private long system;

    /** Calls served on another thread while this one was in the application; by that thread. */
    private volatile long aside;

    private final AtomicLong mostUser = new AtomicLong();
    private long mark = System.nanoTime();

    /** {@link #mark} and the mode since then in the lower bits. */
    @SuppressWarnings("unused")
    private long stamp = mark << MODE_BITS | KERNEL;

    void enterUser() {
      long now = begin();
      system += now - mark;
      end(now, USER);
    }

    void enterKernel() {
      long now = begin();
      user += now - mark;
      end(now, KERNEL);
    }

    /** Time asleep is nobody's. */
    void fallAsleep() {
      long now = begin();
      system += now - mark;
      end(now, ASLEEP);
    }

    void wokenUp() {
      end(begin(), KERNEL);
    }

    private long begin() {
      STAMP.setOpaque(this, 0L);
      VarHandle.storeStoreFence();
      return System.nanoTime();
    }

    private void end(long now, int mode) {
      mark = now;
      STAMP.setRelease(this, now << MODE_BITS | mode);
    }

    /** Time of the kernel's that will have been counted as the application's. One at a time. */
    void servedAside(long nanos) {
      aside = aside + nanos;
    }

    /** When it last went from one to the other. Own thread. */
    long mark() {
      return mark;
    }

    /** A call served aside is taken off when it is over; nobody is to see that. */
    public long user() {
      long without = aside;
      return mostUser.accumulateAndGet(Math.max(0, read(USER) - without), Math::max);
    }

    public long system() {
      return aside + read(KERNEL);
    }

    private long read(int mode) {
      for (; ; ) {
        long before = (long) STAMP.getAcquire(this);
        long value = mode == USER ? user : system;
        VarHandle.loadLoadFence();
        if (before != 0 && (long) STAMP.getOpaque(this) == before) {
          long running = (before & ASLEEP) == mode ? System.nanoTime() - (before >> MODE_BITS) : 0;
          return value + Math.max(0, running);
        }
        Thread.onSpinWait();
      }
    }
  }
}
