package io.loomvisor.kernel.process;

import io.loomvisor.platform.Platform;
import io.loomvisor.task.Scheduling;
import io.loomvisor.task.Task;
import io.loomvisor.task.TaskServices;
import io.loomvisor.task.UtsName;
import io.loomvisor.task.fd.FdTable;
import io.loomvisor.task.fd.FsContext;
import io.loomvisor.task.memory.MemoryManager;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ResourceLimits;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalAction;
import io.loomvisor.task.signal.SignalDispositions;
import io.loomvisor.task.signal.SignalQuota;
import io.loomvisor.vfs.Credentials;

/**
 * Process 1 of a sandbox whose first program is not to be an init: {@code loomvisor do}. Programs
 * find it where they expect an init (/proc/1, pstree(1)); it adopts orphans and, as it ignores
 * SIGCHLD, leaves no zombies. It is to them what a kernel thread is on Linux: it has no program, no
 * memory and no descriptors, and nobody may trace it. Its task never runs.
 */
public final class SandboxInit {
  private static final String NAME = "init";

  private SandboxInit() {}

  /**
   * Enters it into the tree.
   *
   * @param fs its root is the init's; stays the caller's
   */
  public static Task enter(TaskServices kernel, Platform platform, FsContext fs, UtsName uts) {
    SignalDispositions dispositions = new SignalDispositions();
    dispositions.set(Signal.SIGCHLD, new SignalAction(SignalAction.SIG_IGN, 0, 0, 0));
    ThreadGroup group =
        new ThreadGroup(
            ProcessTree.INIT, ResourceLimits.initial(), dispositions, new SignalQuota());
    group.becomeInit();
    group.settings().setDumpable(false);
    group.settings().setOomScoreAdjustment(OutOfMemory.UNKILLABLE);
    FsContext own = new FsContext(fs.namespace(), fs.root(), fs.root(), fs.umask());
    Task task =
        new Task(
            kernel,
            ProcessTree.INIT,
            group,
            platform.newContext(),
            MemoryManager.create(platform),
            new FdTable(),
            own,
            Credentials.root(),
            Scheduling.initial(platform.vcpuCount()),
            NAME);
    task.settings().setUts(uts);
    task.makeStill();
    kernel.processes().addFirst(group, null);
    kernel.processes().addTask(task);
    group.add(task);
    return task;
  }
}
