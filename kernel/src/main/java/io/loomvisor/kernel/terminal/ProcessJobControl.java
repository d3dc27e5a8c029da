package io.loomvisor.kernel.terminal;

import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.Session;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalAction;
import io.loomvisor.task.signal.SignalInfo;
import io.loomvisor.vfs.Caller;
import io.loomvisor.vfs.tty.JobControl;
import io.loomvisor.vfs.tty.Terminal;
import io.loomvisor.vfs.tty.TtySignal;

/** Job control over the process tree. Any thread, with no actor held. */
public final class ProcessJobControl implements JobControl {
  private final ProcessTree processes;

  public ProcessJobControl(ProcessTree processes) {
    this.processes = processes;
  }

  @Override
  public Caller current() {
    return Task.current();
  }

  @Override
  public Terminal controllingTerminal(Caller caller) {
    ThreadGroup group = processes.group(caller.threadGroupId());
    return group == null ? null : terminalOf(group);
  }

  /** The controlling terminal of a process, or null. */
  public Terminal terminalOf(ThreadGroup group) {
    if (group.withoutTerminal()) {
      return null;
    }
    Session session = processes.session(group.sessionId());
    return session == null ? null : (Terminal) session.terminal();
  }

  /**
   * The first process starts with {@code terminal} as its controlling terminal, in its foreground.
   */
  public void give(Terminal terminal, ThreadGroup first) {
    processes.session(first).changeTerminal(null, terminal);
    terminal.control(first.sessionId(), first.processGroupId(), false);
  }

  @Override
  public boolean attach(Caller caller, Terminal terminal) {
    Session session = processes.session(caller.sessionId());
    return session != null && session.changeTerminal(null, terminal);
  }

  @Override
  public void detach(int id, Terminal terminal) {
    Session session = processes.session(id);
    if (session != null) {
      session.changeTerminal(terminal, null);
    }
  }

  @Override
  public void leave(Caller caller) {
    ThreadGroup group = processes.group(caller.threadGroupId());
    if (group != null) {
      group.leaveTerminal();
    }
  }

  @Override
  public boolean ignores(Caller caller, TtySignal signal) {
    Task task = processes.task(caller.threadId());
    return task != null
        && (Signal.in(task.signals().mask(), signal.number())
            || task.group().action(signal.number()).handler() == SignalAction.SIG_IGN);
  }

  @Override
  public boolean orphaned(int processGroup) {
    return processes.orphaned(processGroup);
  }

  @Override
  public int sessionOf(int processGroup) {
    return processes.sessionOfGroup(processGroup);
  }

  @Override
  public void signalGroup(int processGroup, TtySignal signal) {
    signalGroup(processGroup, signal.number());
  }

  @Override
  public void signalGroup(int processGroup, int signal) {
    processes.sendToGroup(processGroup, SignalInfo.kernel(signal));
  }

  @Override
  public void signalLeader(int session, TtySignal signal) {
    ThreadGroup leader = processes.group(session);
    if (leader != null) {
      processes.send(leader, SignalInfo.kernel(signal.number()), null);
    }
  }

  /**
   * A process's last thread has ended; its descriptors are closed. If it led a session, the
   * terminal hangs up.
   */
  public void processEnded(ThreadGroup group) {
    if (group.sessionId() != group.id()) {
      return;
    }
    Session session = processes.session(group.id());
    if (session != null && session.terminal() instanceof Terminal terminal) {
      terminal.leaderExited(group.id());
    }
  }
}
