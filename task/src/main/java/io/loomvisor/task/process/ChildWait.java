package io.loomvisor.task.process;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.task.Task;
import io.loomvisor.task.ptrace.Tracing;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalInfo;
import java.util.Map;

/**
 * What wait(2) finds among the children, and the tracees, of a process (kernel/exit.c: do_wait).
 * Works inside the {@link ProcessTree}'s actor.
 */
final class ChildWait {
  private final Map<Integer, ProcessNode> nodes;
  private final Reaper reaper;
  private final Tracing tracing;

  /**
   * @param nodes the tree's, by pid
   */
  ChildWait(Map<Integer, ProcessNode> nodes, Reaper reaper, Tracing tracing) {
    this.nodes = nodes;
    this.reaper = reaper;
    this.tracing = tracing;
  }

  /** As {@link ProcessTree#poll}. */
  ChildEvent poll(ProcessNode caller, WaitSelector selector, int options) {
    boolean any = false;
    for (ProcessNode child : caller.children) {
      ThreadGroup tracer = child.group.leaderTracer();
      boolean mine = tracer == caller.group;
      if (!matches(child, selector, mine ? options | WaitOptions.WALL : options)) {
        continue;
      }
      any = true;
      if (tracer != null && !mine && child.zombie) {
        continue; // it will be told when the tracer has waited
      }
      ChildEvent event = take(child, mine ? options & ~WaitOptions.WUNTRACED : options);
      if (event != null) {
        return event;
      }
    }
    Tracing.Found found = tracing.poll(caller.group, t -> matches(t, selector), options);
    ChildEvent event =
        found.event() != null ? found.event() : takeTraced(caller.group, selector, options);
    if (event == null && !any && !found.any()) {
      throw Errno.ECHILD.exception();
    }
    return event;
  }

  private static boolean matches(Task tracee, WaitSelector selector) {
    return switch (selector) {
      case WaitSelector.AnyChild a -> true;
      case WaitSelector.Pid p -> tracee.threadId() == p.pid();
      case WaitSelector.ProcessGroup g -> tracee.processGroupId() == g.pgid();
    };
  }

  private static boolean matches(ProcessNode child, WaitSelector selector, int options) {
    boolean cloneChild = child.exitSignal != Signal.SIGCHLD;
    if ((options & WaitOptions.WALL) == 0 && cloneChild != ((options & WaitOptions.WCLONE) != 0)) {
      return false;
    }
    return switch (selector) {
      case WaitSelector.AnyChild a -> true;
      case WaitSelector.Pid p -> child.group.id() == p.pid();
      case WaitSelector.ProcessGroup g -> child.pgid == g.pgid();
    };
  }

  /** The end of a process whose leader {@code caller} traces and whose parent is another. */
  private ChildEvent takeTraced(ThreadGroup caller, WaitSelector selector, int options) {
    if ((options & WaitOptions.WEXITED) == 0) {
      return null;
    }
    for (ThreadGroup g : tracing.endedLeaders(caller)) {
      ProcessNode n = nodes.get(g.id());
      boolean held = n != null && n.group == g && n.zombie && g.leaderTracer() == caller;
      if (!held || !matches(n, selector, WaitOptions.WALL)) {
        continue;
      }
      ChildEvent event = event(n, ChildEvent.endCode(n.status));
      if ((options & WaitOptions.WNOWAIT) == 0) {
        tracing.forgetLeader(g);
        reaper.release(g);
      }
      return event;
    }
    return null;
  }

  private ChildEvent take(ProcessNode n, int options) {
    boolean keep = (options & WaitOptions.WNOWAIT) != 0;
    if (n.zombie) {
      if ((options & WaitOptions.WEXITED) == 0) {
        return null;
      }
      if (!keep) {
        reaper.reap(n);
      }
      return event(n, ChildEvent.endCode(n.status));
    }
    if (n.stopUnreported && (options & WaitOptions.WUNTRACED) != 0) {
      n.stopUnreported = keep;
      return event(n, SignalInfo.CLD_STOPPED);
    }
    if (n.continueUnreported && (options & WaitOptions.WCONTINUED) != 0) {
      n.continueUnreported = keep;
      return event(n, SignalInfo.CLD_CONTINUED);
    }
    return null;
  }

  private static ChildEvent event(ProcessNode n, int code) {
    ResourceUsage own = n.zombie ? n.usage : n.group.usage();
    return new ChildEvent(n.group.id(), n.uid, code, n.status, own.plus(n.childUsage));
  }
}
