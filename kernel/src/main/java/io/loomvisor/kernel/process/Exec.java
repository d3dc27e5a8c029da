package io.loomvisor.kernel.process;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.credential.ExecCredentials;
import io.loomvisor.kernel.jfr.ExecEvent;
import io.loomvisor.kernel.loader.ExecImage;
import io.loomvisor.kernel.ptrace.TraceStops;
import io.loomvisor.platform.Registers;
import io.loomvisor.scheduler.jfr.Recording;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.Personality;
import io.loomvisor.task.Task;
import io.loomvisor.task.fd.FdTable;
import io.loomvisor.task.fd.FsContext;
import io.loomvisor.task.memory.MemoryManager;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ThreadGroup;
import java.util.function.Consumer;

/**
 * The point of no return of execve(2): the task goes on in a new image (fs/exec.c: begin_new_exec).
 */
public final class Exec {
  private final ProcessTree processes;
  private final TaskExit exit;
  private final TraceStops stops;
  private final Consumer<ThreadGroup> dropTimers;

  /**
   * @param stops of traced tasks
   * @param dropTimers deletes the process's POSIX timers, as execve does
   */
  public Exec(
      ProcessTree processes, TaskExit exit, TraceStops stops, Consumer<ThreadGroup> dropTimers) {
    this.processes = processes;
    this.exit = exit;
    this.stops = stops;
    this.dropTimers = dropTimers;
  }

  /** Its table of descriptors, or a copy if it shares it. */
  private static FdTable descriptorsOf(Task task, ExecImage image) {
    FdTable present = task.descriptors();
    try {
      return present.shared() ? present.copy() : present;
    } catch (LinuxException e) {
      task.group().endExec();
      image.memory().releaseUser();
      throw e;
    }
  }

  /**
   * Puts {@code image} in place of what the task runs. The task must hold no references that the
   * old image owned.
   *
   * @throws LinuxException ERESTARTNOINTR if the group is ending, ENOMEM; the image is then given
   *     up
   */
  public void replace(Task task, ExecImage image) {
    ThreadGroup group = task.group();
    if (!group.beginExec(task)) {
      image.memory().releaseUser();
      throw Errno.ERESTARTNOINTR.exception();
    }
    awaitSiblings(task);
    if (group.exiting()) {
      group.endExec();
      image.memory().releaseUser();
      throw Errno.ERESTARTNOINTR.exception();
    }
    FdTable own = descriptorsOf(task, image);
    int formerId = task.threadId();
    long call = task.syscallNumber();
    takeLeadersId(task);
    exit.leaveMemory(task);
    MemoryManager old = task.memoryManager();
    group.noteResident(old.peakResident());
    task.setMemory(image.memory());
    old.releaseUser();
    if (own != task.descriptors()) {
      task.descriptors().unshare();
      task.setDescriptors(own);
    }
    task.descriptors().closeOnExec();
    FsContext fs = task.fileSystem();
    if (fs.shared()) {
      task.setFileSystem(fs.copy());
      fs.release();
    }
    group.resetHandlers();
    dropTimers.accept(group);
    resetTask(task, image);
    if (Recording.POSSIBLE) {
      ExecEvent.emit(task, image.name());
    }
    processes.executed(group);
    group.endExec();
    stops.executed(task, formerId, call);
  }

  private static void awaitSiblings(Task task) {
    for (; ; ) {
      task.sleeper().arm();
      if (task.group().alone()) {
        return;
      }
      task.sleep(Sleeper.FOREVER, false);
    }
  }

  private void takeLeadersId(Task task) {
    int leader = task.group().id();
    if (task.threadId() != leader) {
      processes.removeTask(task);
      task.setThreadId(leader);
      processes.addTask(task);
      processes.tracing().tookLeadersId(task);
    }
  }

  private static void resetTask(Task task, ExecImage image) {
    task.setName(image.name());
    task.setCredentials(image.credentials());
    task.group().settings().setDumpable(!ExecCredentials.secure(image.credentials()));
    // As set_personality_64bit() does: a 64-bit program never inherits it.
    task.settings().setPersonality(task.settings().personality() & ~Personality.READ_IMPLIES_EXEC);
    task.signals().setStack(0, 0, SS_DISABLE);
    task.signals().setRestartBlock(null);
    task.pointers().setRobustList(0);
    task.pointers().setRseq(0);
    task.setSyscallNumber(-1);
    Registers r = task.registers();
    r.copyFrom(new Registers());
    r.rip = image.entry();
    r.rsp = image.stackPointer();
    task.context().resetFpu();
  }

  private static final int SS_DISABLE = 2;
}
