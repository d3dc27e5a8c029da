package io.loomvisor.kernel;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.host.HostRandom;
import io.loomvisor.kernel.debug.CallTrace;
import io.loomvisor.kernel.debug.Counters;
import io.loomvisor.kernel.futex.Futexes;
import io.loomvisor.kernel.ipc.IpcNamespace;
import io.loomvisor.kernel.jfr.ExitEvent;
import io.loomvisor.kernel.loader.ExecImage;
import io.loomvisor.kernel.loader.LinuxLoader;
import io.loomvisor.kernel.loader.LoadFailure;
import io.loomvisor.kernel.loader.vdso.Vdso;
import io.loomvisor.kernel.lock.FileLocks;
import io.loomvisor.kernel.process.Exec;
import io.loomvisor.kernel.process.OutOfMemory;
import io.loomvisor.kernel.process.SandboxInit;
import io.loomvisor.kernel.process.TaskExit;
import io.loomvisor.kernel.process.TaskFactory;
import io.loomvisor.kernel.process.TaskLimits;
import io.loomvisor.kernel.ptrace.TraceStops;
import io.loomvisor.kernel.signal.FaultSignals;
import io.loomvisor.kernel.signal.SignalDelivery;
import io.loomvisor.kernel.socket.diag.DiagService;
import io.loomvisor.kernel.socket.inet.InetFamily;
import io.loomvisor.kernel.socket.inet.LazyNetwork;
import io.loomvisor.kernel.socket.netlink.NetlinkAbi;
import io.loomvisor.kernel.socket.netlink.NetlinkFamily;
import io.loomvisor.kernel.socket.netlink.NetlinkGroups;
import io.loomvisor.kernel.socket.netlink.RouteService;
import io.loomvisor.kernel.socket.packet.PacketFamily;
import io.loomvisor.kernel.strace.Strace;
import io.loomvisor.kernel.syscall.SyscallArguments;
import io.loomvisor.kernel.syscall.SyscallDispatcher;
import io.loomvisor.kernel.syscall.SyscallTable;
import io.loomvisor.kernel.syscall.admin.ClockStateCalls;
import io.loomvisor.kernel.syscall.admin.HostOnlyCalls;
import io.loomvisor.kernel.syscall.admin.LogCall;
import io.loomvisor.kernel.syscall.admin.NameCalls;
import io.loomvisor.kernel.syscall.admin.TerminalHangupCall;
import io.loomvisor.kernel.syscall.aio.AioCalls;
import io.loomvisor.kernel.syscall.event.EpollCalls;
import io.loomvisor.kernel.syscall.event.EventfdCalls;
import io.loomvisor.kernel.syscall.event.InotifyCalls;
import io.loomvisor.kernel.syscall.event.SignalfdCalls;
import io.loomvisor.kernel.syscall.event.TimerfdCalls;
import io.loomvisor.kernel.syscall.file.FileCalls;
import io.loomvisor.kernel.syscall.futex.Futex2Calls;
import io.loomvisor.kernel.syscall.futex.FutexCalls;
import io.loomvisor.kernel.syscall.identity.IdentityCalls;
import io.loomvisor.kernel.syscall.ipc.MqueueCalls;
import io.loomvisor.kernel.syscall.ipc.MsgCalls;
import io.loomvisor.kernel.syscall.ipc.SemCalls;
import io.loomvisor.kernel.syscall.ipc.ShmCalls;
import io.loomvisor.kernel.syscall.memory.BarrierCall;
import io.loomvisor.kernel.syscall.memory.ForeignMemoryCalls;
import io.loomvisor.kernel.syscall.memory.LockCalls;
import io.loomvisor.kernel.syscall.memory.MemoryCalls;
import io.loomvisor.kernel.syscall.memory.NumaCalls;
import io.loomvisor.kernel.syscall.memory.ProcessAdviceCall;
import io.loomvisor.kernel.syscall.misc.SystemCalls;
import io.loomvisor.kernel.syscall.mount.FilesystemTypes;
import io.loomvisor.kernel.syscall.mount.MountCalls;
import io.loomvisor.kernel.syscall.poll.PollCalls;
import io.loomvisor.kernel.syscall.process.CloneSyscalls;
import io.loomvisor.kernel.syscall.process.CompareCalls;
import io.loomvisor.kernel.syscall.process.ExecSyscalls;
import io.loomvisor.kernel.syscall.process.ExitSyscalls;
import io.loomvisor.kernel.syscall.process.IdSyscalls;
import io.loomvisor.kernel.syscall.process.PersonalityCall;
import io.loomvisor.kernel.syscall.process.ThreadSyscalls;
import io.loomvisor.kernel.syscall.process.WaitSyscalls;
import io.loomvisor.kernel.syscall.ptrace.PtraceCall;
import io.loomvisor.kernel.syscall.sched.AffinityCalls;
import io.loomvisor.kernel.syscall.sched.AttributeCalls;
import io.loomvisor.kernel.syscall.sched.IoPriorityCalls;
import io.loomvisor.kernel.syscall.sched.PolicyCalls;
import io.loomvisor.kernel.syscall.sched.PriorityCalls;
import io.loomvisor.kernel.syscall.seccomp.SeccompCall;
import io.loomvisor.kernel.syscall.signal.KillSyscalls;
import io.loomvisor.kernel.syscall.signal.SignalSyscalls;
import io.loomvisor.kernel.syscall.signal.SignalWaitSyscalls;
import io.loomvisor.kernel.syscall.socket.SocketCalls;
import io.loomvisor.kernel.syscall.socket.SocketFamilies;
import io.loomvisor.kernel.syscall.socket.UnixFamily;
import io.loomvisor.kernel.syscall.time.ClockCalls;
import io.loomvisor.kernel.syscall.time.TimerCalls;
import io.loomvisor.kernel.syscall.time.UsageCalls;
import io.loomvisor.kernel.terminal.ProcessJobControl;
import io.loomvisor.kernel.time.Clocks;
import io.loomvisor.kernel.time.Timers;
import io.loomvisor.kernel.view.KernelNetwork;
import io.loomvisor.kernel.view.SystemActivity;
import io.loomvisor.platform.CpuFeatures;
import io.loomvisor.platform.Exit;
import io.loomvisor.platform.Platform;
import io.loomvisor.scheduler.jfr.Recording;
import io.loomvisor.scheduler.time.TimerService;
import io.loomvisor.task.Scheduling;
import io.loomvisor.task.Task;
import io.loomvisor.task.TaskServices;
import io.loomvisor.task.UtsName;
import io.loomvisor.task.fd.FsContext;
import io.loomvisor.task.memory.MemoryManager;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalInfo;
import io.loomvisor.task.signal.SignalQuota;
import io.loomvisor.vfs.FileClock;
import io.loomvisor.vfs.cache.PageStore;
import io.loomvisor.vfs.mount.FileTree;
import io.loomvisor.vfs.mount.LinuxFileTree;
import io.loomvisor.vfs.notify.InotifyLimits;
import io.loomvisor.vfs.pipe.PipeFilesystem;
import io.loomvisor.vfs.proc.NetworkView;
import io.loomvisor.vfs.socket.SocketFilesystem;
import io.loomvisor.vfs.socket.unix.UnixSockets;
import io.loomvisor.vfs.tty.DevptsFilesystem;
import io.loomvisor.vfs.tty.DevptsOptions;
import io.loomvisor.vfs.tty.TerminalDevices;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One sandbox's operating system: owns its subsystems and connects them to the tasks. */
public final class Kernel implements TaskServices, KernelContext {
  private static final Logger LOG = LoggerFactory.getLogger(Kernel.class);

  /** Pid 1 is a {@link SandboxInit}. */
  private static final int FIRST_PID = 2;

  private static final int AT_FDCWD = -100;

  private final Platform platform;
  private final TimerService timers;
  private final PageStore pageStore;
  private final FileTree fileTree = new LinuxFileTree();
  private final ProcessTree processes;
  private final boolean withInit;
  private final TaskLimits taskLimits;
  private final OutOfMemory outOfMemory;
  private final ProcessJobControl jobs;
  private final DevptsFilesystem devpts;
  private final TerminalDevices terminals;
  private final UtsName uts;
  private final FilesystemTypes filesystemTypes = new FilesystemTypes();
  private final FileLocks fileLocks = new FileLocks();
  private final Futexes futexes;
  private final SystemActivity activity;
  private final IpcNamespace ipc;
  private final boolean ownIpc;
  private final InotifyLimits inotifyLimits;
  private final PipeFilesystem pipes = new PipeFilesystem(FileClock.SYSTEM);
  private final SocketFilesystem sockets = new SocketFilesystem(FileClock.SYSTEM);
  private final UnixSockets unixSockets = new UnixSockets(fileTree, sockets);
  private final LazyNetwork inet;
  private final HostRandom random = new HostRandom();
  private final Clocks clocks;
  private final long startTime = System.nanoTime();
  private final Timers intervalTimers;
  private final Vdso vdso;
  private final LinuxLoader loader;
  private final TaskExit taskExit;
  private final Exec exec;
  private final SignalDelivery delivery;
  private final SyscallDispatcher dispatcher;
  private final TraceStops traceStops;
  private final CallTrace trace;
  private final Counters counters;

  /**
   * @param strace null for none
   */
  public Kernel(Platform platform, TimerService timers, String hostName, Strace strace) {
    this(platform, timers, hostName, strace, FIRST_PID);
  }

  /**
   * @param firstPid the pid of the first process; {@link ProcessTree#INIT}: it is the init of the
   *     sandbox; otherwise a {@link SandboxInit} is
   */
  public Kernel(
      Platform platform, TimerService timers, String hostName, Strace strace, int firstPid) {
    this(
        new Foundation(platform, timers, new LazyNetwork(timers), Clocks.host(), null, null, null),
        hostName,
        strace,
        firstPid);
    IdleMemory.watch(platform, timers);
  }

  /**
   * What kernels on one machine have in common.
   *
   * @param vdso null for a new one
   * @param uts null for names of its own
   * @param ipc null for a namespace of its own
   */
  private record Foundation(
      Platform platform,
      TimerService timers,
      LazyNetwork inet,
      Clocks clocks,
      Vdso vdso,
      UtsName uts,
      IpcNamespace ipc) {}

  /**
   * A further kernel on this one's machine and on its network: processes, mounts and terminals of
   * its own. Its first process is its init. {@link #end} gives back what it holds.
   *
   * @param hostName null to share this kernel's names
   * @param sharesIpc whether System V IPC and message queues are this kernel's
   */
  public Kernel beside(String hostName, boolean sharesIpc) {
    return new Kernel(
        new Foundation(
            platform,
            timers,
            inet,
            clocks,
            vdso,
            hostName == null ? uts : null,
            sharesIpc ? ipc : null),
        hostName,
        null,
        ProcessTree.INIT);
  }

  private Kernel(Foundation base, String hostName, Strace strace, int firstPid) {
    this.platform = base.platform;
    this.processes = new ProcessTree(firstPid);
    this.withInit = firstPid != ProcessTree.INIT;
    this.trace = new CallTrace(processes, strace);
    this.counters = new Counters(processes);
    this.jobs = new ProcessJobControl(processes);
    this.futexes = new Futexes(processes::task);
    this.outOfMemory = new OutOfMemory(processes, platform.memory());
    outOfMemory.addCache(platform::trim);
    this.taskLimits =
        new TaskLimits(processes, platform.memory().frameLimit() * Platform.PAGE_SIZE);
    this.timers = base.timers;
    this.inet = base.inet;
    this.clocks = base.clocks;
    this.devpts = new DevptsFilesystem(DevptsOptions.CONTAINER, jobs, timers);
    this.terminals = new TerminalDevices(jobs, devpts);
    this.pageStore = new FramePageStore(platform.memory());
    this.activity = new SystemActivity(processes, timers);
    this.activity.start();
    this.ownIpc = base.ipc == null;
    this.ipc = ownIpc ? new IpcNamespace(pageStore) : base.ipc;
    this.filesystemTypes.register("mqueue", options -> ipc.queues().files());
    this.inotifyLimits = new InotifyLimits(memoryTotals().total());
    this.uts = base.uts != null ? base.uts : new UtsName(hostName);
    this.intervalTimers = new Timers(processes, timers, clocks);
    this.vdso = base.vdso != null ? base.vdso : new Vdso(platform, clocks, timers);
    this.loader = new LinuxLoader(this, platform, vdso);
    this.traceStops = new TraceStops(processes.tracing());
    this.taskExit = new TaskExit(processes, futexes, traceStops, session -> {}, this::processEnded);
    this.exec = new Exec(processes, taskExit, traceStops, this::processExecuted);
    this.delivery = new SignalDelivery(processes, traceStops, trace::signal);
    this.dispatcher = new SyscallDispatcher(table(), traceStops, trace);
    // What is recorded is recorded where the task makes its calls itself.
    platform.postableCalls(Recording.POSSIBLE ? new BitSet() : dispatcher.table().quick());
  }

  private SyscallTable table() {
    SyscallTable.Builder b = SyscallTable.builder();
    new FileCalls(this).register(b);
    new PollCalls().register(b);
    new EventfdCalls().register(b);
    new EpollCalls().register(b);
    new InotifyCalls(this, inotifyLimits).register(b);
    new TimerfdCalls(this).register(b);
    new SignalfdCalls().register(b);
    new AioCalls().register(b);
    new ClockCalls(this).register(b);
    new TimerCalls(this, intervalTimers).register(b);
    new UsageCalls(this).register(b);
    new IdentityCalls(processes, taskLimits).register(b);
    new SystemCalls(this).register(b);
    new HostOnlyCalls().register(b);
    new NameCalls().register(b);
    new LogCall().register(b);
    new TerminalHangupCall(jobs).register(b);
    new ClockStateCalls(this).register(b);
    new PersonalityCall().register(b);
    new SeccompCall().register(b);
    new CompareCalls(processes).register(b);
    new BarrierCall(processes).register(b);
    new ProcessAdviceCall(processes).register(b);
    new NumaCalls(processes).register(b);
    new PriorityCalls(processes).register(b);
    new PolicyCalls(processes).register(b);
    new AttributeCalls(processes).register(b);
    new AffinityCalls(this).register(b);
    new IoPriorityCalls(processes).register(b);
    new MountCalls(this, filesystemTypes).register(b);
    new SocketCalls(socketFamilies()).register(b);
    new MemoryCalls().register(b);
    new LockCalls().register(b);
    new ForeignMemoryCalls(processes).register(b);
    new ShmCalls(ipc.segments()).register(b);
    new SemCalls(ipc.semaphores()).register(b);
    new MsgCalls(ipc.messages()).register(b);
    new MqueueCalls(this).register(b);
    new FutexCalls(this, futexes).register(b);
    new Futex2Calls(this, futexes).register(b);
    new CloneSyscalls(new TaskFactory(this, platform, processes, taskLimits, traceStops))
        .register(b);
    new ExecSyscalls(loader, exec, taskLimits).register(b);
    new ExitSyscalls().register(b);
    new IdSyscalls(processes).register(b);
    new ThreadSyscalls().register(b);
    new PtraceCall(processes, cpuFeatures()).register(b);
    new WaitSyscalls(processes).register(b);
    new KillSyscalls(processes).register(b);
    new SignalSyscalls(delivery).register(b);
    new SignalWaitSyscalls().register(b);
    return b.build();
  }

  private SocketFamilies socketFamilies() {
    return new SocketFamilies(
        List.of(
            new UnixFamily(unixSockets),
            new InetFamily(inet, sockets, false),
            new InetFamily(inet, sockets, true),
            netlink(),
            new PacketFamily(inet, sockets, pageStore)));
  }

  private NetlinkFamily netlink() {
    NetlinkGroups routeGroups = new NetlinkGroups();
    return new NetlinkFamily(
        sockets,
        Map.of(
            NetlinkAbi.NETLINK_ROUTE,
            new NetlinkFamily.Protocol(
                () ->
                    new RouteService(
                        inet.get().ip(), inet.get().changes(), routeGroups, inet.host() == null),
                routeGroups),
            NetlinkAbi.NETLINK_SOCK_DIAG,
            new NetlinkFamily.Protocol(
                () -> new DiagService(inet, unixSockets), new NetlinkGroups())));
  }

  /** What is served. */
  public SyscallTable syscalls() {
    return dispatcher.table();
  }

  /**
   * Starts a process from outside, the first one or a further one of a container: it leads a
   * session of its own and has no parent but the {@link SandboxInit}, if there is one.
   *
   * @throws io.loomvisor.gofer.abi.LinuxException as execve(2) fails
   */
  public ThreadGroup start(ProcessStart what) {
    ThreadGroup parent = withInit ? init(what.fs()) : null;
    ThreadGroup group =
        new ThreadGroup(
            processes.allocatePid(), what.limits(), what.dispositions(), new SignalQuota());
    MemoryManager empty = MemoryManager.create(platform, group.limits());
    Task task =
        new Task(
            this,
            group.id(),
            group,
            platform.newContext(),
            empty,
            what.descriptors(),
            what.fs(),
            what.credentials(),
            Scheduling.initial(cpuCount()),
            "init");
    task.settings().setUts(uts);
    task.confine(what.seccomp());
    if (group.id() == ProcessTree.INIT) {
      group.becomeInit();
    }
    processes.addFirst(group, parent);
    if (what.terminal() != null) {
      jobs.give(what.terminal(), group);
    }
    processes.addTask(task);
    group.add(task);
    boolean started = false;
    try {
      ExecImage image = loader.load(task, AT_FDCWD, what.path(), 0, what.argv(), what.envp());
      exec.replace(task, image);
      task.start();
      started = true;
    } catch (LoadFailure e) {
      LOG.info("{}: {}", what.path(), e.getMessage());
      throw Errno.ENOEXEC.exception();
    } finally {
      if (!started) {
        taskExit.exited(task);
      }
    }
    return group;
  }

  private ThreadGroup init(FsContext fs) {
    ThreadGroup known = processes.group(ProcessTree.INIT);
    return known != null ? known : SandboxInit.enter(this, platform, fs, uts).group();
  }

  /** The trace of system calls, to be switched. */
  public CallTrace callTrace() {
    return trace;
  }

  /** What has happened so far. */
  public Counters counters() {
    return counters;
  }

  /**
   * All its processes have ended, and no further one is started: what would outlive them is given
   * back. For a kernel beside another.
   */
  public void end() {
    activity.stop();
    if (ownIpc) {
      ipc.removeAll();
    }
  }

  /** Kills every process of the sandbox. */
  public void killAll() {
    for (ThreadGroup g : processes.groups(g -> true)) {
      processes.send(g, SignalInfo.kernel(Signal.SIGKILL), null);
    }
  }

  @Override
  public boolean watchesCalls() {
    return trace.on();
  }

  @Override
  public void syscall(Task task) {
    dispatcher.dispatch(task);
    if (task.signals().temporaryMask()) {
      task.requestAttention();
    }
  }

  @Override
  public long syscallPolled(
      Task task, long number, long a0, long a1, long a2, long a3, long a4, long a5) {
    SyscallArguments arguments = new SyscallArguments();
    arguments.set(a0, a1, a2, a3, a4, a5);
    long result = dispatcher.dispatchPolled(task, (int) number, arguments);
    if (task.signals().temporaryMask()) {
      task.requestAttention();
    }
    return result;
  }

  @Override
  public void pageFault(Task task, Exit.PageFault fault) {
    FaultSignals.pageFault(task, fault);
  }

  @Override
  public boolean outOfMemory(Task task, int before) {
    return outOfMemory.relieve(task, before);
  }

  /** Where caches that can shrink make themselves known. */
  public OutOfMemory outOfMemory() {
    return outOfMemory;
  }

  @Override
  public void fault(Task task, Exit.Fault fault) {
    FaultSignals.fault(task, fault);
  }

  @Override
  public boolean prepareReturn(Task task) {
    return delivery.prepareReturn(task);
  }

  @Override
  public void exited(Task task) {
    trace.exited(task);
    if (Recording.POSSIBLE) {
      ExitEvent.emit(task);
    }
    taskExit.exited(task);
    activity.ended(task.usage());
    counters.ended(task);
  }

  @Override
  public void failed(Task task, Throwable cause) {
    LOG.error("{}: the sentry failed, the process is killed", task, cause);
    task.group().exit(Signal.SIGKILL);
  }

  private void processExecuted(ThreadGroup group) {
    intervalTimers.executed(group);
    ipc.executed(group);
  }

  private void processEnded(Task task) {
    intervalTimers.ended(task.group());
    ipc.processEnded(task.group());
    fileLocks.ownerGone(task.descriptors());
    jobs.processEnded(task.group());
  }

  /** What mount(2) can mount; filled by whoever puts the sandbox together. */
  public FilesystemTypes filesystemTypes() {
    return filesystemTypes;
  }

  /** The sandbox's sockets and interfaces, for proc and sysfs. */
  public NetworkView network() {
    return new KernelNetwork(unixSockets, inet);
  }

  /** The sandbox's own instance of devpts, for /dev/pts. */
  public DevptsFilesystem devpts() {
    return devpts;
  }

  /** /dev/tty, /dev/console and /dev/ptmx, to be registered with the devices. */
  public TerminalDevices terminals() {
    return terminals;
  }

  /** Controlling terminals, for proc and for other instances of devpts. */
  public ProcessJobControl jobs() {
    return jobs;
  }

  @Override
  public ProcessTree processes() {
    return processes;
  }

  @Override
  public TaskLimits taskLimits() {
    return taskLimits;
  }

  @Override
  public TimerService timers() {
    return timers;
  }

  @Override
  public FileTree fileTree() {
    return fileTree;
  }

  @Override
  public LazyNetwork inet() {
    return inet;
  }

  @Override
  public PipeFilesystem pipes() {
    return pipes;
  }

  @Override
  public Timers intervalTimers() {
    return intervalTimers;
  }

  @Override
  public void processStarted(ThreadGroup group) {
    intervalTimers.started(group);
  }

  @Override
  public Clocks clocks() {
    return clocks;
  }

  @Override
  public UtsName uts() {
    return uts;
  }

  @Override
  public Entropy random() {
    return random::nextBytes;
  }

  @Override
  public FileLocks fileLocks() {
    return fileLocks;
  }

  @Override
  public SystemActivity activity() {
    return activity;
  }

  @Override
  public InotifyLimits inotifyLimits() {
    return inotifyLimits;
  }

  @Override
  public IpcNamespace ipc() {
    return ipc;
  }

  @Override
  public PageStore pageStore() {
    return pageStore;
  }

  @Override
  public CpuFeatures cpuFeatures() {
    return platform.features();
  }

  @Override
  public int cpuCount() {
    return platform.vcpuCount();
  }

  @Override
  public void taskBound() {
    vdso.askForCpu();
  }

  @Override
  public MemoryTotals memoryTotals() {
    long limit = platform.memory().frameLimit() * Platform.PAGE_SIZE;
    long used = platform.memory().framesInUse() * Platform.PAGE_SIZE;
    return new MemoryTotals(limit, Math.max(0, limit - used), 0, 0);
  }

  @Override
  public long startTime() {
    return startTime;
  }
}
