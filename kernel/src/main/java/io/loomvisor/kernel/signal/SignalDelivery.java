package io.loomvisor.kernel.signal;

import io.loomvisor.gofer.abi.Errno;
import io.loomvisor.gofer.abi.LinuxException;
import io.loomvisor.kernel.jfr.SignalEvent;
import io.loomvisor.kernel.syscall.SyscallNumber;
import io.loomvisor.platform.Registers;
import io.loomvisor.scheduler.jfr.Recording;
import io.loomvisor.scheduler.wait.Sleeper;
import io.loomvisor.task.Task;
import io.loomvisor.task.process.ProcessTree;
import io.loomvisor.task.process.ThreadGroup;
import io.loomvisor.task.signal.Signal;
import io.loomvisor.task.signal.SignalAction;
import io.loomvisor.task.signal.SignalInfo;
import java.util.function.BiConsumer;

/**
 * What a task does before it returns to the application when something is due: ends, stops, runs
 * handlers, restarts interrupted syscalls (arch/x86/kernel/signal.c, kernel/signal.c: get_signal).
 * Stateless.
 */
public final class SignalDelivery {
  /** SYSCALL is two bytes long; going back over it runs it again. */
  private static final int SYSCALL_LENGTH = 2;

  private final ProcessTree processes;
  private final BiConsumer<Task, SignalInfo> onDelivery;

  /**
   * @param onDelivery told on the task's own thread before a signal is acted on
   */
  public SignalDelivery(ProcessTree processes, BiConsumer<Task, SignalInfo> onDelivery) {
    this.processes = processes;
    this.onDelivery = onDelivery;
  }

  /** See {@link io.loomvisor.task.TaskServices#prepareReturn}. */
  public boolean prepareReturn(Task task) {
    for (; ; ) {
      task.clearAttention();
      switch (task.group().due(task)) {
        case ThreadGroup.Due.Exit e -> {
          return false;
        }
        case ThreadGroup.Due.Stop s -> stayStopped(task);
        case ThreadGroup.Due.Deliver d -> {
          if (!deliver(task, d.info(), d.action())) {
            return false;
          }
        }
        case ThreadGroup.Due.Nothing n -> {
          restartWithoutHandler(task);
          if (!task.signals().temporaryMask()) {
            return true;
          }
          task.signals().restoreMask();
        }
      }
    }
  }

  /** Sleeps until the group is continued or killed. */
  private void stayStopped(Task task) {
    for (; ; ) {
      task.sleeper().arm();
      if (!task.group().mustStay()) {
        return;
      }
      task.sleep(Sleeper.FOREVER, false);
    }
  }

  /** False if the task must end. */
  private boolean deliver(Task task, SignalInfo info, SignalAction action) {
    onDelivery.accept(task, info);
    if (Recording.POSSIBLE) {
      SignalEvent.emit(task, info, action);
    }
    if (action.handler() == SignalAction.SIG_IGN) {
      return true;
    }
    if (action.handler() == SignalAction.SIG_DFL) {
      return byDefault(task, info);
    }
    restartForHandler(task, action);
    long mask = task.signals().takeMaskForFrame();
    try {
      SignalFrame.push(task, info, action, mask);
    } catch (LinuxException e) {
      boolean already = info.signal() == Signal.SIGSEGV;
      if (already) {
        task.group().setAction(Signal.SIGSEGV, SignalAction.DEFAULT);
      }
      task.signals().setTrap(14, 6, task.registers().rsp);
      task.group().force(task, SignalInfo.kernel(Signal.SIGSEGV));
      return true;
    }
    long during = task.signals().mask() | action.mask();
    if (!action.has(SignalAction.SA_NODEFER)) {
      during |= Signal.bit(info.signal());
    }
    task.signals().setMask(during);
    return true;
  }

  private boolean byDefault(Task task, SignalInfo info) {
    int signal = info.signal();
    if (info.code() <= 0 && task.group().shieldedFrom(info)) {
      return true; // it was blocked when it was sent
    }
    switch (Signal.defaultAction(signal)) {
      case IGNORE, CONTINUE -> {
        return true;
      }
      case STOP -> {
        boolean mayStop =
            signal == Signal.SIGSTOP || !processes.orphaned(task.group().processGroupId());
        if (mayStop && task.group().stop(signal)) {
          processes.reportStopped(task.group(), signal);
        }
        return true;
      }
      case TERMINATE, CORE -> {
        task.group().exit(signal);
        return false;
      }
    }
    throw new AssertionError(signal);
  }

  private static void restartForHandler(Task task, SignalAction action) {
    if (task.syscallNumber() < 0) {
      return;
    }
    Registers r = task.registers();
    switch (restartCode(r)) {
      case ERESTARTNOINTR -> runAgain(task, task.syscallNumber());
      case ERESTARTSYS -> {
        if (action.has(SignalAction.SA_RESTART)) {
          runAgain(task, task.syscallNumber());
        } else {
          r.rax = Errno.EINTR.result();
        }
      }
      case ERESTARTNOHAND, ERESTART_RESTARTBLOCK -> r.rax = Errno.EINTR.result();
      default -> {}
    }
    task.setSyscallNumber(-1);
  }

  private static void restartWithoutHandler(Task task) {
    if (task.syscallNumber() < 0) {
      return;
    }
    switch (restartCode(task.registers())) {
      case ERESTARTNOINTR, ERESTARTSYS, ERESTARTNOHAND -> runAgain(task, task.syscallNumber());
      case ERESTART_RESTARTBLOCK -> runAgain(task, SyscallNumber.RESTART_SYSCALL.number());
      default -> {}
    }
    task.setSyscallNumber(-1);
  }

  /** The restart code in RAX, or EIO for anything else. */
  private static Errno restartCode(Registers r) {
    return isRestart(r.rax) ? Errno.of((int) -r.rax) : Errno.EIO;
  }

  /** Whether a syscall's result is one of the codes that must not reach the application. */
  public static boolean isRestart(long result) {
    return result >= Errno.ERESTART_RESTARTBLOCK.result() && result <= Errno.ERESTARTSYS.result();
  }

  private static void runAgain(Task task, long number) {
    Registers r = task.registers();
    r.rax = number;
    r.rip -= SYSCALL_LENGTH;
  }

  /** rt_sigreturn(2): a frame that cannot be read kills by SIGSEGV. */
  public void sigreturn(Task task) {
    try {
      task.signals().setMask(SignalFrame.pop(task));
    } catch (LinuxException e) {
      task.signals().setTrap(14, 4, task.registers().rsp);
      task.group().force(task, SignalInfo.kernel(Signal.SIGSEGV));
    }
    task.setSyscallNumber(-1);
    task.requestAttention();
  }
}
