package io.loomvisor.kernel.process;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.jfr.CloneEvent;
import io.loomvisor.kernel.ptrace.TraceStops;
import io.loomvisor.platform.Context;
import io.loomvisor.platform.Platform;
import io.loomvisor.platform.Registers;
import io.loomvisor.scheduler.jfr.Recording;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.Task;
import io.loomvisor.task.TaskServices;
import io.loomvisor.task.fd.FdTable;
import io.loomvisor.task.fd.FsContext;
import io.loomvisor.task.memory.MemoryManager;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.task.seccomp.SeccompState;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalDispositions;
import io.loomvisor.vfs.Credentials;
import java.util.concurrent.atomic.AtomicBoolean;

/** Makes tasks out of tasks: clone(2) and kin. Stateless; runs on the parent's thread. */
public final class TaskFactory {
  private final TaskServices services;
  private final Platform platform;
  private final ProcessTree processes;
  private final TaskLimits limits;
  private final TraceStops stops;

  public TaskFactory(
      TaskServices services,
      Platform platform,
      ProcessTree processes,
      TaskLimits limits,
      TraceStops stops) {
    this.services = services;
    this.platform = platform;
    this.processes = processes;
    this.limits = limits;
    this.stops = stops;
  }

  /**
   * The child's thread id. With CLONE_VFORK returns when the child has left the address space or
   * the parent is killed.
   */
  public int clone(Task parent, CloneRequest request) {
    request.validated(parent);
    if (request.has(CloneRequest.CLONE_NEWUTS)
        && !parent.credentials().has(Credentials.CAP_SYS_ADMIN)) {
      throw Errno.EPERM.exception();
    }
    limits.requireRoom(parent);
    int event = traceEvent(parent, request);
    int tid = processes.allocatePid();
    if (request.has(CloneRequest.CLONE_PARENT_SETTID)) {
      parent.memory().putInt(request.parentTid(), tid);
    }
    Task child = assemble(parent, request, tid);
    int pidfd = -1;
    if (request.has(CloneRequest.CLONE_PIDFD)) {
      pidfd = installPidFd(parent, child, request.pidfd());
    }
    AtomicBoolean released = new AtomicBoolean();
    if (request.has(CloneRequest.CLONE_VFORK)) {
      child.onMemoryReleased(
          () -> {
            released.set(true);
            parent.sleeper().ready();
          });
    }
    boolean traced = event != 0 || request.has(CloneRequest.CLONE_PTRACE);
    enter(parent, child, request, pidfd, traced);
    if (!request.has(CloneRequest.CLONE_THREAD)) {
      services.processStarted(child.group());
    }
    if (Recording.POSSIBLE) {
      CloneEvent.emit(parent, child);
    }
    child.start();
    if (event != 0) {
      stops.cloned(parent, event, tid);
    }
    if (request.has(CloneRequest.CLONE_VFORK)) {
      awaitRelease(parent, released);
      stops.vforkDone(parent, tid);
    }
    return tid;
  }

  private static int traceEvent(Task parent, CloneRequest request) {
    return request.has(CloneRequest.CLONE_UNTRACED)
        ? 0
        : TraceStops.cloneEvent(
            parent, request.has(CloneRequest.CLONE_VFORK), request.exitSignal());
  }

  private Task assemble(Task parent, CloneRequest request, int tid) {
    boolean thread = request.has(CloneRequest.CLONE_THREAD);
    ThreadGroup group =
        thread
            ? parent.group()
            : new ThreadGroup(
                tid,
                parent.group().limits().copy(),
                dispositionsFor(parent, request),
                parent.group().signalQuota());
    if (!thread) {
      group.settings().inherit(parent.group().settings());
    }
    MemoryManager memory = memoryFor(parent, request, group);
    FdTable descriptors = descriptorsFor(parent, request, memory);
    FsContext fs =
        request.has(CloneRequest.CLONE_FS)
            ? parent.fileSystem().share()
            : parent.fileSystem().copy();
    Context context = platform.newContext();
    Task child =
        new Task(
            services,
            tid,
            group,
            context,
            memory,
            descriptors,
            fs,
            parent.credentials(),
            parent.scheduling().forChild(),
            parent.name());
    copyState(parent, child, request);
    return child;
  }

  private static FdTable descriptorsFor(Task parent, CloneRequest request, MemoryManager memory) {
    try {
      return request.has(CloneRequest.CLONE_FILES)
          ? parent.descriptors().share()
          : parent.descriptors().copy();
    } catch (LinuxException e) {
      memory.releaseUser();
      throw e;
    }
  }

  private static MemoryManager memoryFor(Task parent, CloneRequest request, ThreadGroup group) {
    MemoryManager memory = parent.memoryManager();
    if (!request.has(CloneRequest.CLONE_VM)) {
      return memory.fork(group.limits());
    }
    if (!memory.acquireUser()) {
      throw new IllegalStateException("a running task's address space has no users");
    }
    return memory;
  }

  private static SignalDispositions dispositionsFor(Task parent, CloneRequest request) {
    SignalDispositions mine = parent.group().dispositions();
    if (request.has(CloneRequest.CLONE_SIGHAND)) {
      return mine;
    }
    return request.has(CloneRequest.CLONE_CLEAR_SIGHAND) ? mine.copyCleared() : mine.copy();
  }

  private static void copyState(Task parent, Task child, CloneRequest request) {
    Registers r = child.registers();
    r.copyFrom(parent.registers());
    r.rax = 0;
    if (request.stack() != 0) {
      r.rsp = request.stack();
    }
    if (request.has(CloneRequest.CLONE_SETTLS)) {
      r.fsBase = request.tls();
    }
    child.settings().inherit(parent.settings());
    if (request.has(CloneRequest.CLONE_NEWUTS)) {
      child.settings().setUts(parent.settings().uts().copy());
    }
    child.context().writeFpu(parent.context().readFpu());
    child.signals().setMask(parent.signals().mask());
    boolean sharesStack =
        request.has(CloneRequest.CLONE_VM) && !request.has(CloneRequest.CLONE_VFORK);
    if (!sharesStack) {
      Task.TaskSignals s = parent.signals();
      child.signals().setStack(s.stackAddress(), s.stackSize(), s.stackFlags());
    }
    if (request.has(CloneRequest.CLONE_CHILD_CLEARTID)) {
      child.pointers().setClearChildTid(request.childTid());
    }
    if (request.has(CloneRequest.CLONE_CHILD_SETTID)) {
      try {
        child.memory().putInt(request.childTid(), child.threadId());
      } catch (LinuxException e) {
        // Linux ignores a bad pointer here: schedule_tail() does not look at put_user's result.
        child.pointers().setClearChildTid(child.pointers().clearChildTid());
      }
    }
  }

  private void enter(Task parent, Task child, CloneRequest request, int pidfd, boolean traced) {
    boolean thread = request.has(CloneRequest.CLONE_THREAD);
    if (traced) {
      processes.tracing().inherit(parent, child);
    }
    if (!thread) {
      child.group().settings().setDumpable(parent.group().settings().dumpable());
      child
          .group()
          .setMakerThread(
              request.has(CloneRequest.CLONE_PARENT)
                  ? parent.group().makerThread()
                  : parent.threadId());
      processes.add(
          child.group(),
          parent.group(),
          request.exitSignal(),
          request.has(CloneRequest.CLONE_PARENT));
    }
    processes.addTask(child);
    boolean added = child.group().add(child);
    inheritFilters(parent, child);
    child.answerAsAllowed(); // who looked through all tasks before may have missed it
    if (!added) {
      // The group is exiting or in execve: this clone never happened, and the parent is about to
      // end too.
      processes.removeTask(child);
      processes.tracing().disinherit(child);
      discard(child);
      if (pidfd >= 0) {
        parent.descriptors().close(pidfd);
      }
      throw Errno.ERESTARTNOINTR.exception();
    }
  }

  /**
   * Until both are alike: a sibling may have brought all threads to its seccomp filters before this
   * one was among them.
   */
  private static void inheritFilters(Task parent, Task child) {
    SeccompState wanted = parent.settings().seccomp();
    for (SeccompState had = SeccompState.NONE; wanted != had; ) {
      child.confine(wanted);
      had = wanted;
      wanted = parent.settings().seccomp();
    }
  }

  private static void discard(Task child) {
    child.memoryManager().releaseUser();
    child.descriptors().unshare();
    child.fileSystem().release();
    child.context().close();
  }

  private int installPidFd(Task parent, Task child, long address) {
    PidFd description = new PidFd(child.group(), processes, 0);
    int fd;
    try {
      fd = parent.descriptors().install(description, 0, parent.group().limits().openFiles(), true);
    } catch (LinuxException e) {
      description.release();
      discard(child);
      throw e;
    }
    parent.memory().putInt(address, fd);
    return fd;
  }

  /** vfork(2): the parent sleeps, killable only. */
  private static void awaitRelease(Task parent, AtomicBoolean released) {
    for (; ; ) {
      parent.sleeper().arm();
      if (released.get() || parent.group().exiting()) {
        return;
      }
      parent.sleep(Sleeper.FOREVER, false);
    }
  }

  /** fork(2). */
  public static CloneRequest fork() {
    return new CloneRequest(0, Signal.SIGCHLD, 0, 0, 0, 0, 0);
  }

  /** vfork(2). */
  public static CloneRequest vfork() {
    return new CloneRequest(
        CloneRequest.CLONE_VM | CloneRequest.CLONE_VFORK, Signal.SIGCHLD, 0, 0, 0, 0, 0);
  }
}
